// The server's story, put where the viewer finds it; derivations that it leaves out are fetched when they are opened.

import { make } from "/viewer/dom.js";
import { derivation, keyOf, parameterOf, story } from "/viewer/story.js";
import { change, go, renew, source, state } from "/viewer/state.js";
import { forget } from "/viewer/network.js";
import { ask, onView } from "./session.js";
import { t } from "./texts.js";

const panel = document.getElementById("panel");
const untold = document.getElementById("untold");

export function watchStory() {
  source.ask = further;
  onView((view, changed) => {
    if (changed.has("story")) show(view.story);
    if (!changed.has("weights")) return;
    document.body.toggleAttribute("data-untold", !view.is_told);
    if (!view.is_told) showUntold(view, changed.has("story"));
  });
}

function show({ data, articles, symbols, header }) {
  for (const old of panel.querySelectorAll("article")) old.remove();
  panel.append(given(header), elements(articles));
  document.getElementById("symbols").replaceChildren(elements(symbols));
  renew(data);
}

/** HTML that the server made, as elements. */
function elements(html) {
  const template = make("template");
  template.innerHTML = html;
  return template.content;
}

function given(header) {
  const conventions = make("dl", { className: "conventions", lang: "en" });
  conventions.append(elements(header));
  return make("article", { data: { step: "", phase: "given" } },
    make("p", { className: "phase" }, t("given.phase")), make("h2", {}, t("given.title")),
    make("p", { className: "meaning" }, t("given.text")),
    make("section", {}, make("h3", {}, t("given.conventions")), conventions));
}

/** While it trains, and where the next step diverges: the weights as they are now, and nothing of a step. */
function showUntold({ weights, diverged }, isNew) {
  const kind = diverged ? "training.diverged" : "training.title";
  untold.firstElementChild.textContent = t(kind);
  const why = diverged ? [make("span", { lang: "en" }, `${diverged}.`), " "] : [];
  untold.lastElementChild.replaceChildren(...why, t(diverged ? "training.diverged.text" : "training.text"));
  if (isNew) return; // the weights came with the story
  for (const [name, rows] of Object.entries(weights)) {
    const numbers = rows.flat();
    Object.assign(story.arrays[name], { values: numbers, size: Math.max(...numbers.map(Math.abs)) });
  }
  forget();
  if (state.position || state.trail.length) go(0);
  else change({});
}

/** What the payload leaves out of an entry: how a long sum comes about, and the paths to a weight. */
async function further(name, index) {
  const parameter = parameterOf(name);
  const isPath = parameter && !(keyOf(parameter, index) in story.paths);
  const [zoom, paths] = await Promise.all([
    derivation(name, index) ? null : ask("zoom", { name, index }),
    isPath ? ask("paths", { name: parameter, index }) : null]);
  return { ...zoom, ...paths };
}
