"""The benchmark of detection, in parts that are made and kept one by one.

sources (judged forces, kept on disk) <- a file for each kind of part <- parts (by name) <- table
"""
