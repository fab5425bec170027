/** A run as PyTorch; a part of the playground, fetched when code is copied. */
import { asTorch } from "../game/torch";
import { definePart } from "../ui/index";

definePart("torch", asTorch);
export type AsTorch = typeof asTorch;
