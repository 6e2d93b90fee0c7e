// The viewer starts: every part watches the state, and the address says where to begin.

import { story } from "./story.js";
import { ON_CANVAS, number } from "./numbers.js";
import { change, restore } from "./state.js";
import { watchPointer } from "./highlight.js";
import { watchPanel } from "./panel.js";
import { watchNetwork } from "./network.js";
import { watchTimeline } from "./timeline.js";
import { watchKeys } from "./keys.js";

const before = number(Number(story.loss), ON_CANVAS);
const after = story.lossAfter === null ? "" : ` → ${number(Number(story.lossAfter), ON_CANVAS)}`;
document.getElementById("losses").textContent = `loss ${before}${after}`;
watchPointer();
watchPanel();
watchNetwork();
watchTimeline();
watchKeys();
addEventListener("hashchange", restore);
new ResizeObserver(() => requestAnimationFrame(() => change({}))).observe(document.getElementById("steps")); // all of it for the new width
restore();
document.body.dataset.ready = "yes";
