package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// errEnded is the end of the input in the middle of the questions.
var errEnded = errors.New("the input ended before the last question; nothing was written")

// prompter asks on a terminal, with plain lines: it works with TERM=dumb, over a serial line and in a screen reader.
type prompter struct {
	in    io.Reader
	out   io.Writer
	plain bool // lists with numbers, whatever the terminal can do
}

// size is that of the terminal, 80x24 where there is none.
func (p *prompter) size() (width, height int) {
	if f, ok := p.out.(*os.File); ok {
		if w, h, err := term.GetSize(int(f.Fd())); err == nil && w > 0 && h > 0 {
			return max(w, 40), max(h, 10)
		}
	}
	return 80, 24
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

// say prints a text, broken at words to the terminal's width.
func (p *prompter) say(format string, args ...any) {
	width, _ := p.size()
	fmt.Fprintln(p.out, wrap(fmt.Sprintf(format, args...), width-1))
}

// wrap breaks lines at spaces. A line that is indented goes on under its text; a word that is too long stays whole, so that
// an address can be copied.
func wrap(text string, width int) string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		if utf8.RuneCountInString(line) <= width {
			out = append(out, line)
			continue
		}
		body := strings.TrimLeft(line, " ")
		indent := line[:len(line)-len(body)]
		if m := listMark.FindString(body); m != "" {
			indent += strings.Repeat(" ", utf8.RuneCountInString(m))
		}
		var b strings.Builder
		b.WriteString(line[:len(line)-len(body)])
		at := utf8.RuneCountInString(b.String())
		for i, word := range strings.SplitAfter(body, " ") {
			n := utf8.RuneCountInString(strings.TrimRight(word, " "))
			if i > 0 && n > 0 && at+n > width {
				out = append(out, strings.TrimRight(b.String(), " "))
				b.Reset()
				b.WriteString(indent)
				at = len(indent)
			}
			b.WriteString(word)
			at += utf8.RuneCountInString(word)
		}
		out = append(out, strings.TrimRight(b.String(), " "))
	}
	return strings.Join(out, "\n")
}

// listMark is the number of a row: what follows of it is indented behind.
var listMark = regexp.MustCompile(`^(\d+|[-!]) +`)

// question prints the question of an answer that is typed behind it.
func (p *prompter) question(text string) {
	width, _ := p.size()
	fmt.Fprint(p.out, wrap(text+":", width-12)+" ") // room for an answer
}

// ask asks for a text; an empty answer is the present one, "-" clears it.
func (p *prompter) ask(ctx context.Context, question, present string) (string, error) {
	if present != "" {
		question += " [" + present + "]"
	}
	p.question(question)
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

// askChecked asks until check takes the answer, as it is or set right.
func (p *prompter) askChecked(ctx context.Context, question, present string, check func(string) (string, error)) (string, error) {
	for {
		text, err := p.ask(ctx, question, present)
		if err != nil {
			return "", err
		}
		right, err := check(text)
		if err == nil {
			return right, nil
		}
		p.say("That will not do: %v.", err)
	}
}

// yes asks a question with yes or no.
func (p *prompter) yes(ctx context.Context, question string, present bool) (bool, error) {
	choices := " [y/N]"
	if present {
		choices = " [Y/n]"
	}
	for {
		p.question(question + choices)
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
		p.question(question)
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
	p.question(question + " (not shown)")
	text, err := p.line(ctx)
	p.say("")
	return text, err
}
