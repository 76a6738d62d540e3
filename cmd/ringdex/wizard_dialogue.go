package main

import "context"

func (w *wizard) dialogue(ctx context.Context) error {
	return &usageError{what: "the wizard asks questions and needs a terminal", try: "ringdex wizard --yes --help"}
}
