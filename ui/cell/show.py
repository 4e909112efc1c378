"""Puts an SVG drawn in Python on a page, sharp at any width and in the colours of the reader's theme.

`st.html` removes SVG elements and `st.image` cuts a drawing off from the theme, so a small component mounts it. When the
next drawing has the same elements, only their attributes change: values glide instead of flickering.
"""

from __future__ import annotations

import streamlit as st

_CSS = """
svg { display: block; width: 100%; height: auto; margin: 0 auto; overflow: visible; font-family: var(--st-font); }
svg :is(path, rect) { transition: stroke-width .15s, opacity .15s, y .15s, height .15s; }
@media (prefers-reduced-motion: reduce) { svg :is(path, rect) { transition: none; } }
"""
_JS = """
function morph(from, to) {
  for (const {name} of [...from.attributes]) if (!to.hasAttribute(name)) from.removeAttribute(name);
  for (const {name, value} of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  if (!to.children.length && from.textContent !== to.textContent) from.textContent = to.textContent;
  for (let k = 0; k < to.children.length; k++) morph(from.children[k], to.children[k]);
}
const shape = (node) => node.tagName + "(" + [...node.children].map(shape).join() + ")";

export default function ({ data, parentElement }) {
  const parsed = new DOMParser().parseFromString(data.svg, "image/svg+xml").documentElement;
  const place = parentElement.querySelector(".drawing");
  const present = place.querySelector("svg");
  if (present && shape(present) === shape(parsed)) morph(present, parsed);
  else place.replaceChildren(document.importNode(parsed, true));
}
"""
_component = st.components.v2.component("lab_drawing", html='<div class="drawing"></div>', css=_CSS, js=_JS)


def draw(svg: str, key: str) -> None:
    """Show `svg` (well-formed, made by the lab, never by a user) across the width of its container.

    Its colours may be the theme's variables: `var(--st-text-color)`, and `ui.theme.CSS["f"]` for a gate.
    """
    _component(key=key, data={"svg": svg})
