"""An example estate and the simulated clouds under it; the demo and the tests use both."""
