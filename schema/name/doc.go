// Package name compares names as people do: Müller, MULLER and Mueller are one name, the order of its words doesn't
// matter, and what has been typed so far is enough.
package name
