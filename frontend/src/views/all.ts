/** Every view, registered by being imported. */
import "./figure1";
