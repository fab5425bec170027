/** Every view, registered by being imported. */
import "./figure1";
import "./tree";
import "./best-response";
import "./bilinear";
import "./value";
import "./run";
import "./playground";
import "./compare";
import "./diagnose";
