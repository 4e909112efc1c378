// A text, its words coloured. Everything that anybody typed is put in with textContent.

const percent = (p) => { // as ui.reading_words.percent: never 0 or 100
  const near = Math.min(p, 1 - p);
  if (p < 5e-5) return "< 0.01 %";
  return p > 1 - 5e-5 ? "> 99.99 %" : `${(100 * p).toFixed(near >= 0.0995 ? 0 : near >= 0.001 ? 1 : 2)} %`;
};
const points = (change) => `${change < 0 ? "−" : "+"}${Math.abs(100 * change).toFixed(0)}`;

function element(kind, className, text) {
  const made = document.createElement(kind);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".reading");
  if (root.dataset.revision === data.revision) return;
  root.dataset.revision = data.revision;
  const [modes, text, tell] = [".modes", ".text", ".tell"].map((part) => root.querySelector(part));
  text.style.maxHeight = data.height ? `${data.height}px` : "";
  const words = [];
  let before = data.before;
  text.replaceChildren(...data.pieces.map(([piece, after, known]) => {
    if (after === undefined) return element("span", piece.trim() ? "rest" : "", piece);
    const word = element("span", "word", piece);
    words.push({ word, piece, known, before, after, change: after - before });
    before = after;
    return word;
  }));
  let at = data.turn;

  const say = (k) => {
    words.forEach(({ word }, n) => word.classList.toggle("now", n === k && k !== data.turn));
    if (k === null || !words[k]) { tell.textContent = words.length ? "No word moved the opinion." : ""; return; }
    const one = words[k];
    const name = data.name ? `${data.name} ` : "";
    tell.textContent = `${k === data.turn ? "The word that turned it most: " : ""}“${one.piece}”: ${name}${percent(one.before)} → ${percent(one.after)} (${points(one.change)} points)${one.known ? "" : "; unknown, it reads <UNK>"}`;
    if (k === data.turn && text.scrollHeight > text.clientHeight + 4) { // a long text: it may be out of sight
      const there = element("button", "there", "Show it");
      there.type = "button";
      there.onclick = () => { text.scrollTop += one.word.getBoundingClientRect().top - text.getBoundingClientRect().top - text.clientHeight / 2; };
      tell.append(" ", there);
    }
  };
  const paint = (mode) => {
    root.dataset.mode = mode;
    for (const button of modes.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    words.forEach(({ word, piece, known, after, change }, k) => {
      const value = mode === "change" ? change : 2 * after - 1;
      const much = mode === "change" ? Math.min(1, Math.abs(change) * 2.2) : Math.abs(value);
      word.className = `word ${value < 0 ? "down" : "up"}${mode === "change" && k === data.turn ? " turn" : ""}${known ? "" : " unknown"}`;
      word.style.setProperty("--much", `${(much < 0.02 ? 0 : 4 + 58 * much).toFixed(1)}%`);
      word.replaceChildren(document.createTextNode(piece));
      if (mode === "change" && Math.abs(change) >= 0.1) {
        const moved = element("span", "moved", points(change));
        moved.setAttribute("aria-hidden", "true");
        word.append(moved);
      }
    });
    say(at);
  };

  for (const old of modes.querySelectorAll(".key")) old.remove();
  modes.append(element("span", "key down", data.meaning[0]), element("span", "key up", data.meaning[1]));
  for (const button of modes.querySelectorAll("button")) button.onclick = () => paint(button.dataset.mode);
  words.forEach(({ word }, k) => {
    word.onpointerenter = () => say(k);
    word.onclick = () => { at = k; say(k); };
  });
  text.onpointerleave = () => say(at);
  text.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || !words.length) return;
    event.preventDefault();
    at = Math.min(Math.max((at ?? -1) + step, 0), words.length - 1);
    say(at);
    words[at].word.scrollIntoView({ block: "nearest" });
  };
  paint(root.dataset.mode || "change");
}
