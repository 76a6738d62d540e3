package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"ringdex/ldapserver/directory"
	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/schema/phone"
)

func (env *environment) lookupCommand() *cli.Command {
	return &cli.Command{
		Name:      "lookup",
		Usage:     "show the entries that a phone would get, in that order, and why",
		ArgsUsage: "NUMBER|NAME",
		Description: "Shows how a number is read, the rule by which each entry is a hit and why it stands where it does, and what the\n" +
			"phone shows. A profile is one of ringdex phones or of the configuration.\n\n" +
			"Examples:\n  ringdex lookup 030 23125123\n  ringdex lookup --profile linphone 004930 23125123\n  ringdex lookup 'mül an'\nExit code 4: nothing found.",
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.StringFlag{Name: "profile", Usage: "as this `PROFILE` of phone sees it"},
		},
		Action: func(c *cli.Context) error {
			query := strings.TrimSpace(strings.Join(c.Args().Slice(), " "))
			if query == "" {
				return &usageError{what: "lookup takes a number or a name", try: "ringdex lookup +493023125123"}
			}
			return env.withOperations(c, func(ops operations) error {
				report, err := ops.Lookup(c.Context, lookupRequest{Query: query, Profile: c.String("profile")})
				if err != nil {
					return err
				}
				if c.Bool("json") {
					err = writeJSON(env.Out, report)
				} else {
					env.printLookup(report)
				}
				if err == nil && len(report.Hits) == 0 {
					return &codeError{code: exitNothing}
				}
				return err
			})
		},
	}
}

func (env *environment) printLookup(r lookupReport) {
	as := ""
	if r.Profile != "" {
		as = " by a phone of the profile " + r.Profile
	}
	fmt.Fprintf(env.Out, "%q is looked up as a %s%s, from %s\n", r.Query, r.Kind, as, r.From)
	for i, c := range r.Candidates {
		fmt.Fprintf(env.Out, "  %d. %s (%s)\n", i+1, c.Key, c.Rule)
	}
	for _, n := range r.Notes {
		fmt.Fprintln(env.Out, n)
	}
	if len(r.Hits) == 0 {
		fmt.Fprintln(env.Out, "nothing found")
		return
	}
	for _, h := range r.Hits {
		fmt.Fprintf(env.Out, "\n#%d %s", h.Rank, h.Rule)
		if h.Reason != "" {
			fmt.Fprintf(env.Out, "; %s", h.Reason)
		}
		fmt.Fprintf(env.Out, "\n   shown: %s\n   %s\n", strings.TrimSpace(h.Shown.Name+"  "+h.Shown.Number), h.DN)
		names := make([]string, 0, len(h.Attributes))
		for n := range h.Attributes {
			names = append(names, n)
		}
		slices.Sort(names)
		for _, n := range names {
			for _, v := range h.Attributes[n] {
				fmt.Fprintf(env.Out, "   %s: %s\n", n, v)
			}
		}
	}
	if r.More {
		fmt.Fprintf(env.Out, "\n… and more than these %d\n", len(r.Hits))
	}
}

// Lookup answers from the store.
func (e *engine) Lookup(ctx context.Context, q lookupRequest) (lookupReport, error) {
	x, err := e.dir.Lookup(ctx, q.Query, q.Profile, 0)
	switch {
	case errors.Is(err, store.ErrEmpty):
		return lookupReport{}, &hintError{errors.New("nothing has been replicated yet"), "ringdex replicate"}
	case errors.Is(err, directory.ErrNoProfile):
		known := e.dir.ProfileNames()
		return lookupReport{}, &hintError{
			fmt.Errorf("there is no profile %s", q.Profile),
			"--profile " + cmp.Or(schema.Nearest(q.Profile, known), strings.Join(known, ", ")),
		}
	case err != nil:
		return lookupReport{}, err
	}
	out := lookupReport{
		Query: x.Query, Kind: x.Kind, Profile: x.Profile, From: placeOf(x.Location), Candidates: []candidateRow{}, Hits: []hitRow{},
		More: x.Cut, Notes: x.Notes,
	}
	for _, c := range x.Candidates {
		out.Candidates = append(out.Candidates, candidateRow{c.Key, c.Rule})
	}
	for _, h := range x.Hits {
		out.Hits = append(out.Hits, hitRow{h.DN, h.Rank, h.Rule, h.Reason, shownRow{h.Name, h.Number}, h.Attributes})
	}
	return out, nil
}

// placeOf says in words where a phone stands.
func placeOf(l phone.Location) string {
	if l.Country == "" {
		return "nowhere in particular (dialling.country is not set)"
	}
	out := l.Country
	for _, part := range []struct{ what, value string }{
		{"area", l.Area}, {"outside line", l.OutsideLine}, {"head number", l.HeadNumber},
	} {
		if part.value != "" {
			out += ", " + part.what + " " + part.value
		}
	}
	if l.InternalDigits > 0 {
		out += fmt.Sprintf(", extensions of up to %d digits", l.InternalDigits)
	}
	return out
}
