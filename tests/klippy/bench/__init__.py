"""A real klippy on simulated devices, in real time: homes, heats, prints, and is measured.

Nothing here holds Klipper. A source tree, a Python with its requirements and its Linux-process
micro-controller program come from outside; see README.md.
"""
