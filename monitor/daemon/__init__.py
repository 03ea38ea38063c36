"""The service: woken on schedule, it runs a short list of steps, each in a process of its own.

APScheduler ──wakes──> serving ──for each of steps──> watching ══> child: step.run(site, wake)
                          │                              └── SIGTERM, then SIGKILL, when silent
                          └── the run ledger in the store says what is owed, never the clock
"""
