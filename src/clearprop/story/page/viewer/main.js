// The viewer of an exported page starts: every part watches the state, and the address says where to begin.

import { word } from "./words.js";
import { story } from "./story.js";
import { ON_CANVAS, number } from "./numbers.js";
import { change, renew } from "./state.js";
import { watchSymbols } from "./symbols.js";
import { watchPointer } from "./highlight.js";
import { watchPanel } from "./panel.js";
import { watchNetwork } from "./network.js";
import { watchTimeline } from "./timeline.js";
import { watchControls } from "./player.js";
import { watchKeys } from "./keys.js";
import { watchAddress } from "./address.js";

watchSymbols();
watchPointer();
watchPanel();
watchNetwork();
watchTimeline();
watchControls();
watchKeys();
renew(JSON.parse(document.getElementById("story").textContent));
watchAddress();
const before = number(Number(story.loss), ON_CANVAS);
const after = story.lossAfter === null ? "" : ` → ${number(Number(story.lossAfter), ON_CANVAS)}`;
document.getElementById("losses").textContent = `${word("losses", { before })}${after}`;
new ResizeObserver(() => requestAnimationFrame(() => change({}))).observe(document.getElementById("steps")); // all of it for the new width
document.body.dataset.ready = "yes";
