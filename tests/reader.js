// Drives epub.js as a reader does: opens a book, turns its pages, follows its links.
// Loaded by tests/test_reading.py in a page that holds <div id="viewer">; answers are plain values.

// Milliseconds that a click may take.
const PATIENCE = 30000;
const COLOURS = { day: ["#000000", "#ffffff"], night: ["#e8e6e3", "#101010"] };

const reader = {
  async open(data) {
    const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
    this.book = ePub(bytes.buffer);
    const size = { width: window.innerWidth, height: window.innerHeight };
    this.rendition = this.book.renderTo("viewer", { ...size, flow: "paginated", spread: "none" });
    for (const [theme, [ink, paper]] of Object.entries(COLOURS)) {
      this.rendition.themes.register(theme, { html: { color: `${ink} !important`, background: `${paper} !important` } });
    }
    await this.rendition.display();
    await this.book.loaded.navigation;
  },

  // Turns every page; returns how many there are and what is wrong on them.
  async turnAll(most) {
    const faults = new Set();
    await this.rendition.display(this.book.spine.first().href);
    let section = -1;
    for (let pages = 1; pages <= most; pages++) {
      if (this.shown().sectionIndex !== section) { // all pages of a section are laid out at once
        section = this.shown().sectionIndex;
        for (const fault of [...this.tooWide(), ...this.unreachable(), ...this.faint()]) faults.add(fault);
      }
      if (this.rendition.currentLocation().atEnd) return { pages, faults: [...faults] };
      await this.rendition.next();
    }
    return { pages: most, faults: [...faults, `the end did not come in ${most} pages`] };
  },

  // What is too wide, or is scrolled where no key reaches, with text of a size in percent.
  async withTypeOf(size) {
    const faults = new Set();
    this.rendition.themes.fontSize(`${size}%`);
    for (const item of this.book.spine.spineItems) {
      await this.rendition.display(item.href);
      for (const fault of [...this.tooWide(), ...this.unreachable()]) faults.add(`${item.href} at ${size} %: ${fault}`);
    }
    this.rendition.themes.fontSize("100%");
    return [...faults];
  },

  shown() {
    return this.rendition.getContents()[0];
  },

  // Blocks that stand out of their column, outside of what can be scrolled.
  tooWide() {
    const { document: page, window: view } = this.shown();
    const width = window.innerWidth;
    const wide = [...page.querySelectorAll("body *")].filter((element) => {
      const boxes = [...element.getClientRects()]; // one for each column
      return boxes.some((box) => box.width > width + 1) && !element.closest("svg svg, math") && view.getComputedStyle(element).display !== "inline";
    });
    return wide.slice(0, 3).map((element) => `${element.localName}.${element.className} is wider than the screen`);
  },

  // What is scrolled and no key reaches (WCAG 2.2, 2.1.1), or is scrolled up and down.
  unreachable() {
    const { document: page, window: view } = this.shown();
    const scrolled = [...page.querySelectorAll("body *")].filter((element) => {
      const { overflowX, overflowY } = view.getComputedStyle(element);
      const down = /auto|scroll/.test(overflowY) && element.scrollHeight > element.clientHeight;
      return down || (/auto|scroll/.test(overflowX) && element.scrollWidth > element.clientWidth && element.tabIndex < 0);
    });
    return scrolled.map((element) => `${element.localName}.${element.className} is scrolled, and no key reaches it`);
  },

  // Words that are faint by day or by night.
  faint() {
    return Object.keys(COLOURS).flatMap((theme) => {
      this.rendition.themes.select(theme);
      return this.faintWords().map((fault) => `${fault} by ${theme}`);
    });
  },

  // Words whose colour is near the paper's: below 4.5 : 1 (WCAG 2.2, 1.4.3).
  faintWords() {
    const { document: page, window: view } = this.shown();
    const luminance = (colour) => {
      const parts = colour.match(/[\d.]+/g).slice(0, 3).map((part) => part / 255);
      const [r, g, b] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element) => {
      for (let one = element; one; one = one.parentElement) {
        const colour = view.getComputedStyle(one).backgroundColor;
        if (!/, 0\)$|transparent/.test(colour)) return colour;
      }
      return "rgb(255, 255, 255)";
    };
    const found = new Set();
    for (const element of page.querySelectorAll("body *:not(svg *)")) {
      const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
      if (!own) continue;
      const [light, dark] = [luminance(view.getComputedStyle(element).color), luminance(ground(element))].sort((a, b) => b - a);
      if ((light + 0.05) / (dark + 0.05) < 4.5) found.add(`${element.localName}.${element.className} is faint`);
    }
    return [...found];
  },

  // Goes to an address; returns what is wrong: it isn't there, or not on the page that is shown.
  async follow(href) {
    if (!this.book.spine.get(href)) return `${href}: no such document`;
    await this.rendition.display(href);
    if (!this.sees(href)) return "";
    await this.settled(); // epub.js measures before late pictures stand: they move what is behind them
    await this.rendition.display(href);
    return this.sees(href);
  },

  async settled() {
    const page = this.shown().document;
    await page.fonts.ready;
    await Promise.all([...page.images].map((image) => image.decode().catch(() => {})));
  },

  sees(href) {
    const [path, anchor] = href.split("#");
    const shown = this.shown();
    if (!shown) return `${href}: nothing is shown yet`;
    const section = this.book.spine.get(shown.sectionIndex);
    if (path && !section.href.endsWith(path)) return `${href}: ${section.href} is shown`;
    if (!anchor) return "";
    const element = shown.document.getElementById(decodeURIComponent(anchor));
    if (!element) return `${href}: no such place`;
    const frame = shown.document.defaultView.frameElement.getBoundingClientRect();
    const boxes = [...element.getClientRects()];
    const box = boxes[0] || element.getBoundingClientRect();
    const left = frame.left + box.left;
    return left >= -1 && left < window.innerWidth ? "" : `${href}: not on the page shown`;
  },

  contents() {
    const flat = (items) => items.flatMap((item) => [item.href, ...flat(item.subitems)]);
    return flat(this.book.navigation.toc);
  },

  pageList() {
    return (this.book.pageList?.pageList || []).map((entry) => entry.href || entry.cfi);
  },

  // Goes to every note's call, to its note and back, and clicks the first of each document there and back;
  // returns how many notes there are and what is wrong.
  async notes() {
    const faults = [], back = [];
    let notes = 0;
    for (const item of this.book.spine.spineItems) {
      const calls = await this.calls(item);
      notes += calls.length;
      if (calls.length) faults.push(...await this.clickThereAndBack(item, calls[0]));
      for (const [call] of calls) faults.push(await this.follow(`${item.href}#${call}`));
      for (const [, note] of calls) {
        faults.push(await this.follow(note));
        back.push(this.wayBack(note));
      }
    }
    for (const address of back) faults.push(await this.follow(address));
    return { notes, faults: faults.filter(Boolean) };
  },

  // The anchors of a document's calls, each with the address of its note.
  async calls(item) {
    const page = await item.load(this.book.load.bind(this.book));
    const calls = [...page.querySelectorAll("a.note-call")].map((link) => [link.id, this.address(item, link)]);
    item.unload();
    return calls;
  },

  // The address, seen from the package, of what a link of a document leads to.
  address(item, link) {
    const href = link.getAttribute("href");
    return href.startsWith("#") ? item.href + href : item.href.replace(/[^/]*$/, "") + href;
  },

  // Where the way back from a note on the page that is shown leads; a note without one leads nowhere.
  wayBack(note) {
    const item = this.book.spine.get(this.shown().sectionIndex);
    const link = this.shown().document.getElementById(note.split("#")[1])?.querySelector("a.note-back");
    return link ? this.address(item, link) : `${note} without a way back`;
  },

  async clickThereAndBack(item, [call, note]) {
    const faults = [await this.follow(`${item.href}#${call}`), await this.click(`a[id="${call}"]`, note)];
    return [...faults, await this.click(`[id="${note.split("#")[1]}"] a.note-back`, `${item.href}#${call}`)];
  },

  // Clicks on a link and returns what is wrong with where it leads.
  async click(selector, target) {
    const link = this.shown().document.querySelector(selector);
    if (!link) return `${selector}: not on the page shown`;
    const displayed = new Promise((done) => this.rendition.once("displayed", done));
    const late = new Promise((done) => setTimeout(done, PATIENCE));
    link.click();
    await Promise.race([displayed, late]);
    return this.sees(target).endsWith("not on the page shown") ? this.follow(target) : this.sees(target);
  },
};
