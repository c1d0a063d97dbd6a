//! What both banks share: the network, the way to the bank's page, and the way back.

mod cards;
mod hostile;
mod links;
mod net;
mod returns;
