// Drives epub.js as a reader does: opens a book, turns its pages, follows its links.
// Loaded by tests/test_reading.py in a page that holds <div id="viewer">; answers are plain values.

const COLOURS = { day: ["#000000", "#ffffff"], night: ["#e8e6e3", "#101010"] };

const reader = {
  async open(data, theme) {
    const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
    this.book = ePub(bytes.buffer);
    const size = { width: window.innerWidth, height: window.innerHeight };
    this.rendition = this.book.renderTo("viewer", { ...size, flow: "paginated", spread: "none" });
    const [ink, paper] = COLOURS[theme];
    document.body.style.background = paper;
    this.rendition.themes.default({ html: { color: `${ink} !important`, background: `${paper} !important` } });
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
        for (const fault of [...this.tooWide(), ...this.faint()]) faults.add(fault);
      }
      if (this.rendition.currentLocation().atEnd) return { pages, faults: [...faults] };
      await this.rendition.next();
    }
    return { pages: most, faults: [...faults, `the end did not come in ${most} pages`] };
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

  // Words whose colour is near the paper's: below 4.5 : 1 (WCAG 2.2, 1.4.3).
  faint() {
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

  // Follows every note's call and its way back, by clicks; returns how many and what is wrong.
  async notes() {
    const calls = [], faults = [];
    for (const item of this.book.spine.spineItems) {
      const page = await item.load(this.book.load.bind(this.book));
      for (const link of page.querySelectorAll("a.note-call")) calls.push([item.href, link.id, link.getAttribute("href")]);
      item.unload();
    }
    for (const [path, call, href] of calls) {
      const target = href.startsWith("#") ? path + href : href;
      faults.push(await this.follow(`${path}#${call}`), await this.click(`a[id="${call}"]`, target));
      const note = this.shown().document.getElementById(target.split("#")[1]);
      const back = note?.querySelector("a.note-back");
      if (!back) { faults.push(`${target}: no way back`); continue; }
      faults.push(await this.click(`[id="${note.id}"] a.note-back`, back.getAttribute("href")));
    }
    return { notes: calls.length, faults: faults.filter(Boolean) };
  },

  async click(selector, target) {
    const link = this.shown().document.querySelector(selector);
    if (!link) return `${selector}: not on the page shown`;
    link.click();
    const place = target.replace(/^.*\//, "");
    const arrived = () => !this.sees(place);
    for (let wait = 0; wait < 120 && !arrived(); wait++) await new Promise((done) => setTimeout(done, 25));
    if (arrived() || !this.sees(place).endsWith("not on the page shown")) return this.sees(place);
    return this.follow(this.book.spine.get(this.shown().sectionIndex).href + "#" + place.split("#")[1]);
  },
};
