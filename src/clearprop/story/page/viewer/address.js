// The address keeps what is looked at: #step=dW1&entry=dW1[0,2].

import { keyOf, parse, positions, story } from "./story.js";
import { change, current, onChange, sampleOf, state } from "./state.js";

/** The address of an exported page, which holds nothing else. */
export function watchAddress() {
  onChange(remember);
  addEventListener("hashchange", restore);
  restore();
}

function restore() {
  takePlace(location.hash);
}

function remember() {
  const hash = `#${placeParts().join("&")}`.replace(/^#$/, "");
  if (location.hash === hash || location.protocol === "about:") return; // a frame has no address of its own
  history.replaceState(null, "", hash || location.pathname + location.search);
}

/** What is looked at, for an address. */
export function placeParts() {
  const entry = state.trail.at(-1);
  const parts = [];
  if (state.position) parts.push(`step=${current().name}`);
  if (entry) parts.push(`entry=${keyOf(entry.name, entry.index)}`);
  if (state.sample !== (sampleOf(entry) ?? 0)) parts.push(`sample=${state.sample}`);
  return parts;
}

/** Look at what an address says. */
export function takePlace(hash) {
  const wanted = new URLSearchParams(hash.slice(1));
  const entry = parse(wanted.get("entry") ?? "");
  const sample = Number.parseInt(wanted.get("sample") ?? sampleOf(entry)) || 0;
  change({
    position: positions.get(wanted.get("step")) ?? positions.get(entry?.name) ?? 0,
    trail: entry ? [entry] : [],
    sample: Math.min(Math.max(sample, 0), story.arrays.X.shape[0] - 1),
  });
}
