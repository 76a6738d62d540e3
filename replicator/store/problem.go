package store

// NumberProblem is a number that could not be normalised.
type NumberProblem struct {
	Object    string `json:"object"`
	ID        string `json:"id"`
	Attribute string `json:"attribute"`
	Value     string `json:"value"`
	Reason    string `json:"reason"`
}

// NumberProblems calls f for every stored problem until it returns false.
func (r *Reader) NumberProblems(f func(NumberProblem) bool) error { return nil }

// NumberProblemCount returns how many problems were reported: more than are stored where there were too many.
func (r *Reader) NumberProblemCount() int { return 0 }
