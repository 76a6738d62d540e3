package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/term"
)

// searchPause is how long a person types before rows are looked up: each may cost a call.
const searchPause = 300 * time.Millisecond

// screen reports a terminal on which a cursor can be moved through a list.
func (p *prompter) screen() bool {
	in, ok := p.in.(*os.File)
	if !ok || p.plain {
		return false
	}
	out, ok := p.out.(*os.File)
	if kind := os.Getenv("TERM"); kind == "" || kind == "dumb" {
		return false
	}
	return ok && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd()))
}

// chooseOnScreen is choose with a cursor. The program ends for each change, since a change may ask a question.
func (p *prompter) chooseOnScreen(ctx context.Context, src listSource) error {
	s := newListScreen(ctx, src)
	for {
		if err := s.look(); err != nil {
			return err
		}
		program := tea.NewProgram(s, tea.WithContext(ctx), tea.WithInput(p.in), tea.WithOutput(p.out), tea.WithoutSignalHandler())
		_, err := program.Run()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return fmt.Errorf("the list on the screen: %w", err)
		case s.err != nil:
			return s.err
		}
		switch s.action {
		case screenLeave:
			return errBrokenOff
		case screenToggle:
			if err := src.toggle(ctx, s.rows[s.cursor]); err != nil {
				return err
			}
			s.note = ""
		case screenDone:
			err := src.finish(ctx)
			var once *againError
			if !errors.As(err, &once) {
				if err != nil {
					return err
				}
				return s.summary(p)
			}
			s.note = err.Error()
		}
	}
}

// errBrokenOff is Ctrl-C while a list has the keyboard: the terminal gives it as a key then.
var errBrokenOff = errors.New("broken off")

type screenAction int

const (
	screenStay screenAction = iota
	screenToggle
	screenDone
	screenLeave
)

// listScreen is a list question with a cursor. It implements tea.Model.
type listScreen struct {
	ctx context.Context
	src listSource

	search      string
	rows        []listRow
	lines       map[string]string // by key, for this width
	cursor, top int
	width       int
	height      int
	typed       int // keys of the search, so that only the last one looks up
	note        string

	action screenAction
	err    error
}

func newListScreen(ctx context.Context, src listSource) *listScreen {
	return &listScreen{ctx: ctx, src: src, width: 80, height: 24, lines: map[string]string{}}
}

// pause is the end of searchPause after key number typed.
type pause struct{ typed int }

// Init asks for nothing: the size comes by itself.
func (s *listScreen) Init() tea.Cmd {
	s.action = screenStay
	return nil
}

// look finds the rows of the search anew, and keeps the cursor's place.
func (s *listScreen) look() error {
	rows, err := s.src.find(s.ctx, s.search)
	if err != nil {
		return err
	}
	s.rows, s.lines = rows, map[string]string{}
	s.cursor = max(0, min(s.cursor, len(rows)-1))
	return s.fetch()
}

// page is how many rows are shown.
func (s *listScreen) page() int { return max(3, s.height-4) }

// fetch lays out the rows on the screen.
func (s *listScreen) fetch() error {
	s.top = max(0, min(s.top, s.cursor), s.cursor-s.page()+1)
	shown := s.rows[min(s.top, len(s.rows)):min(s.top+s.page(), len(s.rows))]
	var missing []listRow
	for _, r := range shown {
		if _, known := s.lines[r.key]; !known {
			missing = append(missing, r)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	lines, err := s.src.lines(s.ctx, missing, s.width-1-len("> [x] "))
	if err != nil {
		return err
	}
	for i, r := range missing {
		s.lines[r.key] = lines[i]
	}
	return nil
}

// Update takes a key.
func (s *listScreen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		if m.Width != s.width {
			s.lines = map[string]string{}
		}
		s.width, s.height = max(m.Width, 40), max(m.Height, 8)
		return s, s.after(s.fetch())
	case pause:
		if m.typed != s.typed {
			return s, nil
		}
		return s, s.after(s.look())
	case tea.KeyPressMsg:
		return s.key(m)
	}
	return s, nil
}

func (s *listScreen) key(m tea.KeyPressMsg) (tea.Model, tea.Cmd) {
	move := func(to int) (tea.Model, tea.Cmd) {
		s.cursor = max(0, min(to, len(s.rows)-1))
		return s, s.after(s.fetch())
	}
	search := func(text string) (tea.Model, tea.Cmd) {
		s.search, s.cursor, s.note = text, 0, ""
		s.typed++
		typed := s.typed
		return s, tea.Tick(searchPause, func(time.Time) tea.Msg { return pause{typed} })
	}
	switch m.String() {
	case "ctrl+c":
		s.action = screenLeave
		return s, tea.Quit
	case "enter":
		s.action = screenDone
		return s, tea.Quit
	case "space":
		if len(s.rows) == 0 {
			return s, nil
		}
		s.action = screenToggle
		return s, tea.Quit
	case "up":
		return move(s.cursor - 1)
	case "down":
		return move(s.cursor + 1)
	case "pgup":
		return move(s.cursor - s.page())
	case "pgdown":
		return move(s.cursor + s.page())
	case "home":
		return move(0)
	case "end":
		return move(len(s.rows) - 1)
	case "esc":
		return search("")
	case "backspace":
		r := []rune(s.search)
		return search(string(r[:max(0, len(r)-1)]))
	}
	if m.Text != "" {
		return search(s.search + m.Text)
	}
	return s, nil
}

// after ends the program where something failed.
func (s *listScreen) after(err error) tea.Cmd {
	if err == nil {
		return nil
	}
	s.err = err
	return tea.Quit
}

// View is the list; nothing once a key has ended it, so that what is asked next stands in its place.
func (s *listScreen) View() tea.View {
	if s.action != screenStay || s.err != nil {
		return tea.NewView("")
	}
	return tea.NewView(s.text())
}

func (s *listScreen) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "search: %s▏\n", s.search)
	for i := s.top; i < min(s.top+s.page(), len(s.rows)); i++ {
		r := s.rows[i]
		line := fmt.Sprintf("[%s] %s", map[bool]string{true: "x", false: " "}[r.chosen], strings.TrimRight(orElse(s.lines[r.key], r.key), " "))
		if i == s.cursor {
			line = "\x1b[7m> " + line + "\x1b[m"
		} else {
			line = "  " + line
		}
		b.WriteString(line + "\n")
	}
	if len(s.rows) == 0 {
		b.WriteString("  nothing has that in its name or label\n")
	}
	foot := fmt.Sprintf("%d of %d  ↑↓ move, space takes or leaves, letters search, Esc all, Enter on", min(s.cursor+1, len(s.rows)), len(s.rows))
	if s.note != "" {
		foot = s.note
	}
	b.WriteString(cut(foot, s.width-1))
	return b.String()
}

// summary leaves the answer on the screen.
func (s *listScreen) summary(p *prompter) error {
	rows, err := s.src.find(s.ctx, "")
	if err != nil {
		return err
	}
	var chosen []string
	for _, r := range rows {
		if r.chosen {
			chosen = append(chosen, r.key)
		}
	}
	p.say("Chosen: %s", orElse(strings.Join(chosen, ", "), "none"))
	return nil
}
