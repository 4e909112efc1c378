// A text that a model wrote; what each symbol was drawn from. Everything is put in with textContent.

const percent = (p) => `${(100 * p).toFixed(p < 0.0995 ? 1 : 0)} %`;
const named = (piece) => ({ " ": "space", "\n": "new line" })[piece] ?? piece.trim();

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".written");
  if (root.dataset.revision === data.revision) return;
  root.dataset.revision = data.revision;
  const text = root.querySelector(".text");
  const tell = root.querySelector(".tell");
  const prompt = document.createElement("span");
  prompt.className = "prompt";
  prompt.textContent = data.prompt;
  const pieces = data.pieces.map(([piece]) => {
    const made = document.createElement("span");
    made.className = "piece";
    made.textContent = piece;
    return made;
  });
  text.replaceChildren(prompt, ...pieces);
  let at = -1;

  const say = (k) => {
    if (pieces[at]) pieces[at].classList.remove("now");
    at = k;
    if (!pieces[k]) { tell.textContent = "Point at a character, or go to one with the arrow keys: it says what it was drawn from."; return; }
    pieces[k].classList.add("now");
    const [piece, p, likeliest] = data.pieces[k];
    const others = likeliest.map(([name, share]) => `${name} ${percent(share)}`).join(" · ");
    tell.textContent = `“${named(piece)}” was drawn with ${percent(p)}, from: ${others}`;
  };
  text.onpointermove = (event) => { const k = pieces.indexOf(event.target); if (k >= 0 && k !== at) say(k); };
  text.onpointerdown = text.onpointermove;
  text.onkeydown = (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    say(Math.min(Math.max(at + by, 0), pieces.length - 1));
    pieces[at]?.scrollIntoView({ block: "nearest" });
  };
  say(-1);
}
