"""How the service is: signs taken at each wake, told on loopback, in a text file and to systemd.

signs.json (in the home, each wake)  ->  /metrics, /readyz      figures and reasons
the loop's last sign of life         ->  /healthz, the watchdog alive or hanging
"""
