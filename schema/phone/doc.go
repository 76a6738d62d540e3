// Package phone turns telephone numbers as people and exchanges write them into keys that compare.
package phone
