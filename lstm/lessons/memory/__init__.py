"""The lesson "Memory": what a network keeps over many time steps, and how gradients travel back through them."""
