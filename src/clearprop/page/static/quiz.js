// Predict before you run: the next step stays hidden, one entry of it is asked for, the answer is marked.

import { make } from "/viewer/dom.js";
import { derivation, labelOf, story, valueAt } from "/viewer/story.js";
import { change, go, onChange, open, state } from "/viewer/state.js";
import { IN_PANEL, number } from "/viewer/numbers.js";
import { formulaOf, symbolOf } from "/viewer/symbols.js";
import { stop } from "/viewer/player.js";
import { button } from "./dom.js";
import { on, setUnit } from "./run.js";
import { isHidden, t } from "./texts.js";

const CLOSE = 0.01; // an answer this near, as a share of the number, is right
const card = make("section", { id: "quiz", hidden: true });
const score = { right: 0, asked: 0 };
let asked = null; // {of, position, name, index}: the entry that is asked for, in which story
let isMarked = false; // the answer is on screen, with its derivation

export function watchQuiz() {
  if (isHidden("quiz")) return;
  card.setAttribute("aria-label", t("quiz.label"));
  document.getElementById("panel").prepend(card);
  const toggle = button(t("quiz.label"), () => (state.isVeiled ? show(false) : enter()), { id: "quiz-button", title: t("quiz.title") });
  toggle.setAttribute("aria-pressed", "false");
  document.getElementById("bar").append(toggle);
  onChange(follow);
}

/** Leave the quiz, where it is on. */
export function endQuiz() {
  if (state.isVeiled) show(false);
}

function enter() {
  stop();
  setUnit("operation");
  Object.assign(score, { right: 0, asked: 0 });
  show(true);
}

function show(isOn) {
  asked = null;
  isMarked = false;
  state.isVeiled = isOn;
  document.body.toggleAttribute("data-quiz", isOn);
  document.getElementById("output")?.toggleAttribute("inert", isOn);
  document.getElementById("quiz-button").setAttribute("aria-pressed", String(isOn));
  card.hidden = !isOn;
  change({});
}

/** Ask about the step after this one, unless an answer to the one before is still on screen. */
function follow() {
  if (!state.isVeiled) return;
  const isSame = asked?.of === story && asked.position === state.position;
  if (isSame || (isMarked && asked.of === story && state.position === asked.position + 1)) return;
  isMarked = false;
  asked = state.position < story.steps.length ? choose() : null;
  card.replaceChildren(...(asked ? question() : over()));
}

/** One entry of the next step, by chance among those that the page holds. */
function choose() {
  const { name } = story.steps[state.position];
  const { shape } = story.arrays[name];
  let index;
  do index = shape.map((size) => Math.floor(Math.random() * size));
  while (valueAt(name, index) === undefined);
  return { of: story, position: state.position, name, index };
}

function question() {
  const { name, index } = asked;
  const answer = make("input", { inputMode: "decimal", autocomplete: "off", required: true });
  const form = make("form", {}, make("label", {}, t("quiz.answer", { entry: labelOf(name, index) }), " ", answer),
    button(t("quiz.mark"), () => {}, { type: "submit" }), button(t("quiz.tell"), () => mark(null)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const said = numberIn(answer.value);
    if (!Number.isFinite(said)) answer.setCustomValidity(t("quiz.nonumber"));
    if (!answer.reportValidity()) return answer.setCustomValidity("");
    mark(said);
  });
  const found = derivation(name, index);
  const formula = found?.spread ? make("p", { className: "right" }, `${labelOf(name, index)} = `, ...formulaOf(found.spread, open)) : "";
  const hint = make("p", { className: "shape" }, t("quiz.near"));
  return [heading(), make("p", {}, t("quiz.next"), " ", symbolOf(name), ": ", lineOf(name)), formula, form, hint];
}

/** The line of the next step, from its article. */
function lineOf(name) {
  const article = [...document.querySelectorAll("#panel article")].find(({ dataset }) => dataset.step === name);
  return article.querySelector(".formula math").cloneNode(true);
}

function mark(said) {
  const { name, index } = asked;
  const value = valueAt(name, index);
  const isRight = said !== null && Math.abs(said - value) <= CLOSE * Math.abs(value);
  score.asked += 1;
  score.right += isRight;
  isMarked = true;
  const further = button(t("quiz.further"), next);
  const values = { entry: labelOf(name, index), value: number(value, IN_PANEL), said: said === null ? "" : number(said, IN_PANEL) };
  const text = t(isRight ? "quiz.right" : said === null ? "quiz.told" : "quiz.wrong", values);
  card.replaceChildren(heading(), make("p", { className: "mark-said", data: { right: String(isRight) } }, `${isRight ? "✓" : "✗"} ${text}`), further);
  go(state.position + 1);
  open(name, index);
  further.focus();
}

function next() {
  isMarked = false;
  asked = null;
  change({ trail: [] });
  card.querySelector("input, button")?.focus();
}

function over() {
  return [heading(), make("p", {}, t("quiz.over")), button(t("run.on"), on)];
}

function heading() {
  return make("h2", {}, t("quiz.label"), make("small", { className: "shape", role: "status" }, t("quiz.score", score)));
}

/** A number as people write it, with a comma and a true minus sign too. */
function numberIn(text) {
  const plain = text.trim().replace(",", ".").replace("−", "-");
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}
