"""The pure core: a window of accesses goes in, findings come out."""
