/** Every view, registered by being imported. */
import "./figure1";
import "./tree";
import "./best-response";
import "./bilinear";
import "./saddle";
import "./value";
import "./run";
import "./latent";
import "./playground";
import "./overview";
import "./lessons";
import "./tour";
import "./points";
import "./torch";
import "./keep";
import "./compare";
import "./diagnose";
