"""The load generators that are held against each other, one module each.

Every module has one class that satisfies `Peer`. `common` says what goes in and what comes out, `process` runs a
command and tells what it cost; `ours` is the project itself.
"""
