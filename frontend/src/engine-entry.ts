/** The engine, fetched by the first view that trains or draws at random. */
import * as engine from "./engine/views";

globalThis.ganLab.engine ??= engine;
