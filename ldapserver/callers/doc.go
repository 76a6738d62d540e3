// Package callers counts the numbers that phones have asked for and nobody has: the only evidence of how well a directory
// works, and a list of people who have called. So it is off unless it is switched on, and it forgets.
//
//   - A number is what it was read as (+497031123456), how often it was asked for, and when first and last. Who asked is
//     not kept. The phones of a group, and one phone that asks twice, count once a minute.
//   - It lies in a file of its own, readable by its owner only, never in the store, in a backup of it or in the log.
//   - At most so many numbers are kept, and each for so many days after it was last asked for; the oldest go first.
//   - Missed never waits: it hands the number to the goroutine that counts, and where that is behind, drops it.
//   - The file is written as a whole, beside the old one and then in its place, once a minute and at the end.
package callers
