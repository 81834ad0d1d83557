"""What is measured: `./run bench` lists them."""
