// The list of meetings: planned and changed above it, and read again whenever one was.
import { again } from "./list-page.js";
import "./planner.js";

document.addEventListener("activity:changed", again);
document.addEventListener("voronka:told", again);
