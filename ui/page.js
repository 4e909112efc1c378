// What every page does in the browser by itself.
//
// The outline: a button in the corner that opens a list of the page's sections, and one that leads back to the top. The
// sections are the headings of the second level that stand on the page when the list is opened.
//
// Charts speak as a whole, through the `alt` of each: their hundreds of marks are not read out one by one.
//
// Back and forward go from page to page and from link to link, never from one position of a slider to the one before it.
// Streamlit writes down the moves of its own controls in place, but what a script says of its address as a place of its own.
//
// The keyboard: what is wider or higher than its place can be reached with Tab and scrolled with the arrow keys.

const main = () => document.querySelector('[data-testid="stMain"]');
const ROOM = 64; // pixels that Streamlit's own bar covers at the top

class Outline {
  constructor(root) {
    this.root = root;
    [this.open, this.up] = root.querySelectorAll("button");
    this.list = root.querySelector("nav");
    this.open.onclick = () => this.show(this.list.hidden);
    this.up.onclick = () => { this.show(false); this.go(main().querySelector("h1"), 0); };
    this.away = (event) => { if (!event.composedPath().includes(root)) this.show(false); };
    root.addEventListener("keydown", (event) => {
      event.stopPropagation(); // a key pressed here is no shortcut of the page
      if (event.key === "Escape") { this.show(false); this.open.focus(); }
    });
    this.scrolled = () => { this.up.hidden = main().scrollTop < innerHeight / 2; };
  }

  show(wanted) {
    if (wanted) this.fill();
    this.list.hidden = !wanted;
    this.open.setAttribute("aria-expanded", String(wanted));
    if (wanted) document.addEventListener("pointerdown", this.away);
    else document.removeEventListener("pointerdown", this.away);
  }

  fill() {
    const heads = [...main().querySelectorAll("h2")].filter((head) => head.checkVisibility());
    const now = heads.filter((head) => head.getBoundingClientRect().top < innerHeight / 3).at(-1);
    this.list.querySelector("ol").replaceChildren(...heads.map((head) => {
      const link = document.createElement("a");
      link.href = "#" + head.id;
      link.textContent = head.textContent.trim();
      if (head === now) link.setAttribute("aria-current", "location");
      link.onclick = (event) => { event.preventDefault(); this.show(false); this.go(head, ROOM); };
      const item = document.createElement("li");
      item.append(link);
      return item;
    }));
  }

  // There, by the eye and by the keyboard; the address and the browser's history stay as they are.
  go(head, room) {
    const smooth = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    const top = room ? head.getBoundingClientRect().top + main().scrollTop - room : 0;
    head.tabIndex = -1;
    head.focus({ preventScroll: true });
    main().scrollTo({ top, behavior: smooth ? "smooth" : "auto" });
  }
}

// A link of the lab that was pressed counts for the next change of the address: its mark may be gone from there by then.
const FOLLOWED = "try"; // in the address of a link of the lab; see ui/lesson.py
const marked = (address) => new URL(address, location.href).searchParams.has(FOLLOWED);
if (!history.labPush) {
  let pressed = false;
  document.addEventListener("click", (event) => { pressed = event.composedPath().some((node) => node.href && marked(node.href)); }, true);
  history.labPush = history.pushState;
  history.pushState = function (state, title, url) {
    const to = url && new URL(url, location.href);
    const moved = !to || pressed || to.pathname !== location.pathname || marked(to);
    pressed = false;
    return (moved ? history.labPush : history.replaceState).call(history, state, title, url);
  };
}

// Streamlit's boxes of code and formulas, and what the lab's own drawings and tables are scrolled in.
const BOXES = 'pre, .katex-display, .drawing, .scroll, .formulas';
function* boxes(root) {
  yield* root.querySelectorAll(BOXES);
  for (const host of root.querySelectorAll('[data-testid="stBidiComponentIsolated"]')) if (host.shadowRoot) yield* host.shadowRoot.querySelectorAll(BOXES);
}
function reach() {
  for (const chart of main().querySelectorAll('[data-testid="stVegaLiteChart"] svg:not([aria-hidden])')) chart.setAttribute("aria-hidden", "true");
  for (const box of boxes(main())) {
    const scrolls = box.scrollWidth > box.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(box).overflowX)
      || box.scrollHeight > box.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(box).overflowY);
    if (scrolls && !box.hasAttribute("tabindex")) { box.tabIndex = 0; box.dataset.reach = ""; }
    else if (!scrolls && "reach" in box.dataset) { box.removeAttribute("tabindex"); delete box.dataset.reach; }
  }
}
let later;
const soon = () => { later ??= setTimeout(() => { later = undefined; reach(); }, 100); };
let watched;
function watch() {
  if (watched === main()) return;
  watched = main();
  new MutationObserver(soon).observe(watched, { childList: true, subtree: true });
  new ResizeObserver(soon).observe(watched);
}

export default function ({ parentElement }) {
  watch();
  soon();
  const root = parentElement.querySelector(".outline");
  root.outline ??= new Outline(root);
  main().removeEventListener("scroll", root.outline.scrolled);
  main().addEventListener("scroll", root.outline.scrolled);
  root.outline.scrolled();
  return () => main()?.removeEventListener("scroll", root.outline.scrolled);
}
