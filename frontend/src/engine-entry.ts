/** The engine, fetched by the first view that trains or draws at random. */
import * as engine from "./engine/index";

globalThis.ganLab.engine ??= engine;
