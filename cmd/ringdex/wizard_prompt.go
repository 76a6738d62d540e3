package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"
)

// errEnded is the end of the input in the middle of the questions.
var errEnded = errors.New("the input ended before the last question; nothing was written")

// prompter asks on a terminal, with plain lines only: it works with TERM=dumb, over a serial line and in a screen reader.
type prompter struct {
	in  io.Reader
	out io.Writer
}

// line reads one line. A read from a terminal cannot be broken off, so it has a goroutine of its own, which is left
// behind when ctx ends: the process ends then too.
func (p *prompter) line(ctx context.Context) (string, error) {
	type answer struct {
		text string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		text, err := readLine(p.in)
		got <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case a := <-got:
		return a.text, a.err
	}
}

// readLine reads byte by byte: what follows the line belongs to the next question, or to a password without echo.
func readLine(r io.Reader) (string, error) {
	const longest = 64 << 10
	var b []byte
	var one [1]byte
	for len(b) < longest {
		n, err := r.Read(one[:])
		if n == 1 {
			if one[0] == '\n' {
				break
			}
			b = append(b, one[0])
			continue
		}
		if err != nil {
			if errors.Is(err, io.EOF) && len(b) > 0 {
				break
			}
			if errors.Is(err, io.EOF) {
				return "", errEnded
			}
			return "", err
		}
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(b), "")), nil
}

func (p *prompter) say(format string, args ...any) { fmt.Fprintf(p.out, format+"\n", args...) }

// ask asks for a text; an empty answer is the present one, "-" clears it.
func (p *prompter) ask(ctx context.Context, question, present string) (string, error) {
	if present != "" {
		question += " [" + present + "]"
	}
	fmt.Fprint(p.out, question+": ")
	text, err := p.line(ctx)
	switch {
	case err != nil:
		return "", err
	case text == "":
		return present, nil
	case text == "-":
		return "", nil
	}
	return text, nil
}

// yes asks a question with yes or no.
func (p *prompter) yes(ctx context.Context, question string, present bool) (bool, error) {
	choices := " [y/N]: "
	if present {
		choices = " [Y/n]: "
	}
	for {
		fmt.Fprint(p.out, question+choices)
		text, err := p.line(ctx)
		if err != nil {
			return false, err
		}
		switch strings.ToLower(text) {
		case "":
			return present, nil
		case "y", "yes", "j", "ja":
			return true, nil
		case "n", "no", "nein":
			return false, nil
		}
		p.say("Please answer y or n.")
	}
}

// pick asks for one of a list; present is its index.
func (p *prompter) pick(ctx context.Context, question string, list []string, present int) (int, error) {
	p.say("%s", question)
	for i, text := range list {
		p.say("  %d  %s", i+1, text)
	}
	for {
		text, err := p.ask(ctx, "Number", strconv.Itoa(present+1))
		if err != nil {
			return 0, err
		}
		if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(list) {
			return n - 1, nil
		}
		p.say("Please answer with a number from 1 to %d.", len(list))
	}
}

// secret asks without echo. An empty answer keeps what is there.
func (p *prompter) secret(ctx context.Context, question string) (string, error) {
	f, ok := p.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(p.out, question+": ")
		text, err := p.line(ctx)
		p.say("")
		return text, err
	}
	restore, err := hideEcho(f)
	if err != nil {
		return "", err
	}
	defer restore() // also after Ctrl-C: the shell must echo again
	return p.hidden(ctx, question)
}

// hidden asks where the echo is off already.
func (p *prompter) hidden(ctx context.Context, question string) (string, error) {
	fmt.Fprint(p.out, question+" (not shown): ")
	text, err := p.line(ctx)
	p.say("")
	return text, err
}
