// The keyboard, the theme, the help and the sheet of small screens.

import { story } from "./story.js";
import { change, go, state } from "./state.js";
import { pin } from "./highlight.js";
import { toggle } from "./player.js";

const KEYS = {
  ArrowRight: () => go(state.position + 1),
  ArrowLeft: () => go(state.position - 1),
  Home: () => go(0),
  End: () => go(story.steps.length),
  " ": toggle,
  "?": () => document.getElementById("help").showModal(),
  Escape: back,
};

/** `own` are keys that do something else on this page. */
export function watchKeys(own = {}) {
  const keys = { ...KEYS, ...own };
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, select, textarea, dialog");
    const isPressing = event.key === " " && event.target.closest("button, summary");
    const isScrolling = event.target.id === "drawing" && event.key.startsWith("Arrow"); // it has the focus only where it can
    if (isTyping || isPressing || isScrolling || event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
  document.getElementById("help-button").addEventListener("click", KEYS["?"]);
  document.getElementById("theme").addEventListener("click", switchTheme);
  document.getElementById("grip")?.addEventListener("click", resizeSheet); // the served page has tabs instead
}

/** One derivation back; with none open, unpin. */
function back() {
  if (state.trail.length) change({ trail: state.trail.slice(0, -1) });
  else pin("");
}

function switchTheme() {
  const root = document.documentElement;
  const systems = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  root.dataset.theme = (root.dataset.theme ?? systems) === "dark" ? "light" : "dark";
}

function resizeSheet(event) {
  const isLarge = document.body.toggleAttribute("data-large-sheet");
  event.currentTarget.setAttribute("aria-expanded", String(isLarge));
}
