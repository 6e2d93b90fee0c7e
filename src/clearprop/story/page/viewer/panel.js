// The mathematics panel: one step with its formula, its notes, its result and its operands.

import { make } from "./dom.js";
import { translated, word } from "./words.js";
import { keyOf, story } from "./story.js";
import { ON_CANVAS, number } from "./numbers.js";
import { current, onChange, onStory, state } from "./state.js";
import { arrayFigure, shapeOf } from "./arrays.js";
import { derivationSection } from "./derivation.js";
import { pin, relight } from "./highlight.js";

const MOST_SAID = 12; // numbers of a result that are read out
const panel = document.getElementById("panel");
const announcement = document.getElementById("announcement");
let articles = new Map(); // of each step, by its name
let shown = null;
let opener = null; // what had the focus when a derivation was opened

export function watchPanel() {
  onStory(() => {
    articles = new Map([...panel.querySelectorAll("article")].map((one) => [one.dataset.step, one]));
    shown = null;
  });
  onChange(() => {
    const step = current();
    const article = articles.get(step?.name ?? "");
    if (shown !== article) turnTo(article, step);
    const old = article.querySelector(".derivation");
    const entry = state.trail.at(-1);
    const isSame = entry && old?.dataset.entry === keyOf(entry.name, entry.index);
    const isElsewhere = isSame && !old.contains(document.activeElement); // more of it came, while somebody is elsewhere
    old?.remove();
    if (entry) showDerivation(article, entry, isElsewhere);
    else relight();
    if (!entry && opener?.isConnected) opener.focus();
    if (!entry) opener = null;
  });
  panel.addEventListener("click", (event) => {
    const name = event.target.closest(".formula [data-ref]")?.dataset.ref;
    if (name) shown.querySelector(`figure[data-ref="${name}"]`)?.scrollIntoView({ block: "nearest" });
  });
}

/** Show where an entry comes from, and move the focus there; closing brings it back to where it was. */
function showDerivation(article, entry, isElsewhere) {
  if (!isElsewhere) opener ??= document.activeElement;
  const [section] = derivationSection();
  (article.querySelector(".formula") ?? article.querySelector(".meaning")).after(section);
  if (isElsewhere) return relight();
  const cell = article.querySelector(`.scroll .cell[data-ref="${keyOf(entry.name, entry.index)}"]`);
  cell?.scrollIntoView({ block: "nearest", inline: "nearest" }); // within its table: what is opened stays in view
  section.scrollIntoView({ block: section.offsetHeight > panel.clientHeight ? "start" : "nearest" });
  section.focus({ preventScroll: true });
  pin(keyOf(entry.name, entry.index));
}

function turnTo(article, step) {
  shown?.querySelector(".derivation")?.remove();
  for (const one of articles.values()) one.hidden = one !== article;
  if (!article.dataset.filled) fill(article, step);
  shown = article;
  panel.scrollTop = 0;
  announcement.replaceChildren(...announced(step, article));
}

/** A step in a sentence or two: its name, its meaning, its shape, and its numbers where these are few. */
function announced(step, article) {
  const meaning = article.querySelector(".meaning");
  const said = make("span", { lang: meaning.lang }, meaning.textContent);
  return step ? [`${step.name}: `, said, ` ${numbersOf(step.name)}`] : [said];
}

function numbersOf(name) {
  const { shape, values } = story.arrays[name];
  const size = shape.reduce((product, one) => product * one, 1);
  const isHeld = Array.isArray(values) && size <= MOST_SAID;
  const numbers = isHeld ? values.map((one) => number(Number(one), ON_CANVAS)) : [];
  if (!shape.length) return `${shapeOf(name)}${isHeld ? `: ${numbers[0]}` : ""}.`;
  const width = shape.at(-1);
  const rows = Array.from({ length: numbers.length / width }, (_, i) => numbers.slice(i * width, (i + 1) * width).join(", "));
  const lines = shape.length > 1 ? rows.map((row, i) => word("step.row", { row: i, numbers: row })) : rows;
  return [word("step.shape", { shape: shape.join(` ${word("array.by")} `) }), ...lines].join("; ") + ".";
}

/** Say in the page's language what Python wrote into a step's article; a meaning that has no translation stays English. */
function translate(article, step) {
  const layer = step.layer ? `, ${word("layers.layer", { number: step.layer })}` : "";
  article.querySelector(".phase").textContent = `${word(`pass.${step.phase}`)}${layer}`;
  article.querySelector(".shape").textContent = shapeOf(step.name);
  const meaning = article.querySelector(".meaning");
  const own = translated(meaning.textContent);
  if (own === undefined) return;
  meaning.textContent = own;
  meaning.removeAttribute("lang");
}

/** Put notes and arrays into a step's article, when it is first looked at. */
function fill(article, step) {
  article.dataset.filled = "yes";
  if (step) translate(article, step);
  article.append(...notesFor(step));
  const computed = new Set(story.steps.map((one) => one.name));
  const operands = step ? step.inputs : ["X", "Y", ...Object.keys(story.arrays)].filter((name) => !computed.has(name));
  const arrays = new Set(operands.filter((name) => name in story.arrays));
  if (step) article.append(arrayFigure(step.name, "result"), make("h3", {}, word("step.from")));
  article.append(...[...arrays].map((name) => arrayFigure(name, "operand")));
}

/** The notes about a step, or about an operand that is given and first used in it; all of them at the start. */
function notesFor(step) {
  return story.notes
    .filter((note) => !step || aboutStep(note)?.name === step.name)
    .map((note) => make("aside", { className: "note", lang: "en" },
      make("strong", {}, note.kind), ` at ${note.where}: ${note.text}. `, make("em", {}, `Try ${note.remedy}.`)));
}

export function aboutStep(note) {
  const name = note.where.split("[")[0];
  return story.steps.find((one) => one.name === name) ?? story.steps.find((one) => one.inputs.includes(name));
}
