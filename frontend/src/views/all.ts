/** Every view, registered by being imported. */
import "./figure1";
import "./tree";
import "./bestresponse";
import "./bilinear";
import "./value";
