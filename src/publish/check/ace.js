// Starts Ace with two bounds that its command line lacks: node ace.js COMMAND DOCUMENTS MILLISECONDS ARGUMENTS…
//
// COMMAND is the path of ace-cli: its parts are looked up from there. Ace opens four documents of a book at once,
// whatever the machine; on one with fewer cores each waits for the others, and the browser's driver gives up on a
// document that isn't there within 30 s. So: no more DOCUMENTS at once than there are cores, and the
// MILLISECONDS for all that a page is waited for.
"use strict";

const { realpathSync } = require("node:fs");
const { createRequire } = require("node:module");

const [command, documents, milliseconds] = process.argv.splice(2, 3);
const ofCommand = createRequire(realpathSync(command));
const runner = ofCommand("@daisy/ace-axe-runner-puppeteer");
const puppeteer = createRequire(ofCommand.resolve("@daisy/ace-axe-runner-puppeteer"))("puppeteer");
const launch = puppeteer.launch.bind(puppeteer);

runner.concurrency = Math.min(runner.concurrency, Number(documents));
puppeteer.launch = async (options) => {
  const browser = await launch(options);
  const newPage = browser.newPage.bind(browser);
  browser.newPage = async () => {
    const page = await newPage();
    page.setDefaultTimeout(Number(milliseconds));
    return page;
  };
  return browser;
};
ofCommand("@daisy/ace-cli-shared").run(runner, process.exit, "ace-cli.log");
