// Command loadtest measures LDAP servers side by side: it sends prepared searches over C connections in a closed
// loop, checks every answer, and reports requests per second, latency percentiles and the server's CPU time per
// request (from /proc).
//
//		loadtest canned -listen 127.0.0.1:3390             a server that only knows one answer: the floor
//		loadtest keys -addr ringdex -out DIR               pulls a directory into DIR/entries.ldif and DIR/*.keys
//		loadtest run -addr A -pid P -mix caller -keys DIR  one measurement, one line of JSON
//		loadtest table FILE…                               the lines as a table with ratios
//
//	  - Requests are encoded before the run and every answer is checked: result code and number of entries against
//	    what the mix expects. A wrong answer ends the run.
//	  - One thread serves all connections (GOMAXPROCS=1), so that client and server can be pinned to one CPU each.
//	  - It speaks to loopback addresses only.
package main
