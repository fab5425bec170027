/** What the views in the plane share, fetched by the first of them. */
import * as plane from "./plane/index";

globalThis.ganLab.plane ??= plane;
