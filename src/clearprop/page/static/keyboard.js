// The page's keys, and the help that names them.

import { make } from "/viewer/dom.js";
import { watchKeys } from "/viewer/keys.js";
import { back, on, playOrPause, reset, setUnit } from "./run.js";
import { t } from "./texts.js";
import { UNITS } from "./units.js";

const HELP = ["arrows", "home", "space", "units", "reset", "tab", "enter", "escape", "help"];
const DRAWING = ["colours", "units", "lines", "dashes"];
const SHOWN = { arrows: ["←", "→"], home: ["Home", "End"], space: ["Space"], units: ["1", "5"], reset: ["R"], tab: ["Tab"], enter: ["Enter"], escape: ["Esc"], help: ["?"] };

export function watchKeyboard() {
  const units = Object.fromEntries(UNITS.map((unit, k) => [String(k + 1), () => setUnit(unit)]));
  watchKeys({ ArrowRight: on, ArrowLeft: back, " ": playOrPause, r: reset, R: reset, ...units });
  fillHelp();
}

function fillHelp() {
  const keys = HELP.flatMap((one) => [
    make("dt", {}, ...SHOWN[one].flatMap((key, k) => [k ? " " : "", make("kbd", {}, key)])), make("dd", {}, t(`help.${one}`))]);
  document.getElementById("help").append(
    make("h2", { id: "help-title" }, t("help.keys")), make("dl", {}, ...keys),
    make("h2", {}, t("help.drawing")), make("ul", {}, ...DRAWING.map((one) => make("li", {}, t(`help.drawing.${one}`)))),
    make("form", { method: "dialog" }, make("button", { type: "submit" }, t("close"))));
}
