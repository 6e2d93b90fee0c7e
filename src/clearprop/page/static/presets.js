// Where to begin: examples, each with a sentence of what to look for.

import { make } from "/viewer/dom.js";
import { stop } from "/viewer/player.js";
import { go } from "/viewer/state.js";
import { select } from "./dom.js";
import { ask, onView, page } from "./session.js";
import { isHidden, t } from "./texts.js";

export function watchPresets() {
  if (isHidden("presets")) return;
  const { presets } = page.choices;
  const own = ["", t("presets.own")];
  const choice = select([own, ...presets.map((name) => [name, t(`preset.${name}.title`)])], "", open);
  choice.setAttribute("aria-label", t("presets.label"));
  const text = make("p", { id: "preset-text" });
  document.getElementById("presets").prepend(choice, text);
  onView(({ example }) => {
    choice.value = example ?? "";
    choice.options[0].hidden = Boolean(example);
    const said = example ? t(`preset.${example}.text`) : "";
    text.textContent = said;
    text.title = said;
  });
}

async function open(preset) {
  stop();
  if (preset && await ask("open", { preset })) go(0);
}
