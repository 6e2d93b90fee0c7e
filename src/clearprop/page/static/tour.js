// A guided tour in six pages on a known example: each goes to its step and lights what it talks about.
// In a page's text, [[Z1]] is a button that goes there, and [[=L]] the number of an entry.

import { make } from "/viewer/dom.js";
import { placeParts, takePlace } from "/viewer/address.js";
import { pin } from "/viewer/highlight.js";
import { IN_PANEL, number } from "/viewer/numbers.js";
import { stop } from "/viewer/player.js";
import { go } from "/viewer/state.js";
import { parse, positions, story, valueAt } from "/viewer/story.js";
import { spokenSymbol } from "/viewer/symbols.js";
import { button } from "./dom.js";
import { endQuiz } from "./quiz.js";
import { ask, onView, page } from "./session.js";
import { showTab } from "./tabs.js";
import { isHidden, t } from "./texts.js";

const EXAMPLE = "mazur";
const PAGES = [["forward", "Z1"], ["loss", "L"], ["output", "dZ2"], ["hidden", "dZ1"], ["update", "W1_new"], ["repeat", "L"]];
const LAST = PAGES.length - 1;
let card = null;
let at = 0;
let before = null; // what was there before the tour: its view, and the place in it

export function watchTour() {
  if (isHidden("tour")) return;
  document.getElementById("presets")?.append(button(t("tour.open"), begin, { id: "tour-button", label: t("tour.about") }));
  onView((view, changed) => {
    if (card && changed.has("story")) draw(); // its numbers are those of the new story
  });
}

async function begin() {
  if (card) return;
  const isTraining = page.training;
  stop();
  endQuiz(); // it would ask for what the tour explains
  if (isTraining) await ask("settle"); // the last link is from before it
  before = { ...page.view, hash: `#${placeParts().join("&")}` };
  if (!await ask("open", { preset: EXAMPLE })) return;
  card = make("div", { id: "tour" });
  card.setAttribute("role", "dialog");
  card.setAttribute("aria-labelledby", "tour-title");
  card.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    end();
  });
  document.body.append(card);
  document.body.toggleAttribute("data-tour", true);
  showTab("panel");
  turnTo(0);
}

/** What was there before comes back: its session, or one from its link where the server has put that away. */
async function end() {
  stop();
  card.remove();
  card = null;
  document.body.toggleAttribute("data-tour", false);
  pin("");
  document.getElementById("tour-button").focus();
  const { session, link, hash } = before;
  if (!await ask("look", { session }) && link) await ask("open", { link });
  takePlace(hash);
}

function turnTo(place) {
  at = place;
  draw();
  show(PAGES[at][1]);
  card.querySelector("h2").focus();
}

function draw() {
  const [key] = PAGES[at];
  const held = card.contains(document.activeElement) ? document.activeElement.id : null;
  const values = { rate: page.view.settings.training.learning_rate, steps: page.view.place.steps };
  const paragraphs = t(`tour.${key}.text`, values).split("\n").map((text) => make("p", {}, ...pieces(text)));
  const step = at === LAST ? [button(t("tour.step"), makeStep, { id: "tour-step", className: "main" })] : [];
  card.replaceChildren(
    make("p", { className: "place" }, t("tour.place", { page: at + 1, pages: PAGES.length }), closer()),
    make("h2", { id: "tour-title", tabIndex: -1 }, t(`tour.${key}`)), ...paragraphs, ...step,
    make("div", { className: "answers" },
      button(t("tour.before"), () => turnTo(at - 1), { id: "tour-before", disabled: at === 0 }),
      at < LAST ? button(t("tour.next"), () => turnTo(at + 1), { id: "tour-next", className: "main" }) : button(t("tour.end"), end, { id: "tour-next" })));
  if (held) document.getElementById(held)?.focus();
}

function closer() {
  return button("×", end, { id: "tour-close", className: "close", label: t("tour.close") });
}

/** A text with its quantities as buttons and its numbers filled in. */
function pieces(text) {
  return text.split(/\[\[(.+?\]?)\]\]/).map((piece, k) => {
    if (k % 2 === 0) return piece;
    if (piece.startsWith("=")) return make("b", {}, number(numberOf(piece.slice(1)), IN_PANEL));
    if (!(piece in story.arrays)) return piece; // another network was made meanwhile
    return button(spokenSymbol(piece), () => show(piece), { className: "quantity-button", data: { name: piece } });
  });
}

function numberOf(reference) {
  if (reference === "after") return Number(story.lossAfter);
  const entry = parse(reference);
  return entry ? valueAt(entry.name, entry.index) : NaN;
}

/** Go to a quantity's step, where it has one, and light it. */
function show(name) {
  if (positions.has(name)) go(positions.get(name));
  pin(name);
}

async function makeStep() {
  if (await ask("step", { unit: "batch" })) show(PAGES[LAST][1]);
}
