package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// listRow is a row that a person adds or removes.
type listRow struct {
	key    string
	chosen bool
}

// listSource is what a list question is about.
type listSource interface {
	// find gives the rows of a search, those of the first screen for "".
	find(ctx context.Context, search string) ([]listRow, error)
	// lines lays rows out within a width, and fetches what they show: only rows on the screen cost calls.
	lines(ctx context.Context, rows []listRow, width int) ([]string, error)
	// toggle adds or removes a row; it may ask.
	toggle(ctx context.Context, row listRow) error
	// finish takes the answer; an *againError keeps asking.
	finish(ctx context.Context) error
}

// againError is an answer that will not do: it is said, and the question stays.
type againError struct{ err error }

func (e *againError) Error() string { return e.err.Error() }
func (e *againError) Unwrap() error { return e.err }

func again(format string, args ...any) error { return &againError{fmt.Errorf(format, args...)} }

// choose lets a person choose from a list: with the cursor where the terminal has one, else with numbers and words.
func (p *prompter) choose(ctx context.Context, src listSource, plainHelp string) error {
	if p.screen() {
		return p.chooseOnScreen(ctx, src)
	}
	p.say("%s", plainHelp)
	search, from := "", 0
	for {
		rows, err := src.find(ctx, search)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			p.say("Nothing has %q in its name or label.", search)
			search, from = "", 0
			continue
		}
		width, height := p.size()
		page := max(height-4, 5) // with the question and what is said before it
		if from >= len(rows) {
			from = 0
		}
		shown := rows[from:min(from+page, len(rows))]
		lines, err := src.lines(ctx, shown, width-1-len("  [x] 12  "))
		if err != nil {
			return err
		}
		for i, r := range shown {
			mark := " "
			if r.chosen {
				mark = "x"
			}
			fmt.Fprintf(p.out, "  [%s] %2d  %s\n", mark, from+i+1, strings.TrimRight(lines[i], " "))
		}
		question := "Number, word, or Enter"
		if len(rows) > page {
			p.say("Rows %d to %d of %d; > shows more, < those before.", from+1, from+len(shown), len(rows))
		}
		text, err := p.ask(ctx, question, "")
		if err != nil {
			return err
		}
		switch picked, numbers := rowNumbers(text); {
		case text == ">":
			from += page
		case text == "<":
			from = max(0, from-page)
		case text == "" && search != "":
			search, from = "", 0
		case text == "":
			err := src.finish(ctx)
			var once *againError
			if !errors.As(err, &once) {
				return err
			}
			p.say("%v", err)
			if h := hint(err); h != "" {
				p.say("What to do: %s", h)
			}
		case !numbers:
			search, from = text, 0
		default:
			for _, n := range picked {
				if n < 1 || n > len(rows) {
					p.say("There is no row %d.", n)
					continue
				}
				if err := src.toggle(ctx, rows[n-1]); err != nil {
					return err
				}
			}
		}
	}
}

// rowNumbers reads "3", "3 5" or "3,5".
func rowNumbers(text string) ([]int, bool) {
	var out []int
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' }) {
		n, err := strconv.Atoi(word)
		if err != nil {
			return nil, false
		}
		out = append(out, n)
	}
	return out, len(out) > 0
}

// column is a text of a fixed width.
func column(text string, width int) string {
	text = cut(text, width)
	return text + strings.Repeat(" ", max(0, width-len([]rune(text))))
}
