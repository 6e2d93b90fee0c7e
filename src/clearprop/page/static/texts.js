// The page's words, in the language that the address asks for, and what the address hides.
// English stands in texts.json, and for what the viewer says itself in its words.js; German has the keys of both.
// Sentences that Python writes are their own keys.
// ?lang=de gives German; ?hide=data,optimizer leaves out every element with one of these as its data-part.

import { WORDS, speak } from "/viewer/words.js";

const asked = new URLSearchParams(location.search);
const all = await (await fetch("/page/texts.json")).json();
const ALSO = { optimiser: "optimizer", initialiser: "initializer" }; // British spelling is understood too
const hidden = new Set((asked.get("hide") ?? "").toLowerCase().split(",").map((one) => one.trim()).map((one) => ALSO[one] ?? one));

export const languages = Object.keys(all);
const [wanted] = (asked.get("lang") ?? "").toLowerCase().split("-"); // "de-AT" is German
export const language = languages.includes(wanted) ? wanted : "en";

speak(all[language]); // before anything is drawn

/** The text of a key, with "{name}" replaced by its value. */
export function t(key, values = {}) {
  const text = all[language][key] ?? all.en[key] ?? WORDS[key];
  if (text === undefined) throw new Error(`texts.json has no "${key}"`);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Whether ?hide= leaves a part out; who makes elements of their own asks, keyboard shortcuts too. */
export function isHidden(part) {
  return hidden.has(part);
}

/** Fill [data-text], [data-label] and [data-title] below an element, and take out what is hidden. */
export function fillTexts(root = document) {
  for (const one of root.querySelectorAll("[data-text]")) one.textContent = t(one.dataset.text);
  for (const one of root.querySelectorAll("[data-label]")) one.setAttribute("aria-label", t(one.dataset.label));
  for (const one of root.querySelectorAll("[data-title]")) one.title = t(one.dataset.title);
  for (const one of root.querySelectorAll("[data-part]")) if (isHidden(one.dataset.part)) one.remove();
}
