package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"ringdex/ldapserver/directory"
	"ringdex/ldapserver/protocol"
)

// askLDAP asks for the directory's top, ports, encryption and users.
func (w *wizard) askLDAP(ctx context.Context, p *prompter) error {
	l := &w.cfg.LDAP
	p.say("\nThe directory that phones ask.")
	for {
		base, err := p.ask(ctx, "LDAP base", l.Base)
		if err != nil {
			return err
		}
		if _, err := protocol.ParseDN(base); err != nil || base == "" {
			p.say("That is not a distinguished name; dc=ringdex is one.")
			continue
		}
		l.Base = base
		break
	}
	p.say("127.0.0.1:3389 serves programs on this machine only; :3389 serves phones on every network of this machine.")
	if err := w.askAddresses(ctx, p, "Addresses to listen on, separated by spaces", &l.Listen); err != nil {
		return err
	}
	if err := w.askTLS(ctx, p); err != nil {
		return err
	}
	if err := w.askAnonymous(ctx, p); err != nil {
		return err
	}
	return w.askUsers(ctx, p)
}

// askAddresses asks for listeners until they are addresses; one that is in use is said.
func (w *wizard) askAddresses(ctx context.Context, p *prompter, question string, to *[]string) error {
	for {
		text, err := p.ask(ctx, question, strings.Join(*to, " "))
		if err != nil {
			return err
		}
		before := *to
		*to = strings.Fields(strings.ReplaceAll(text, ",", " "))
		if err := w.valid(); err != nil {
			p.say("%v; %s", err, hint(err))
			*to = before
			continue
		}
		for _, a := range *to {
			if portInUse(a) {
				p.say("%s is in use now: by a running ringdex, or by another program.", a)
			}
		}
		return nil
	}
}

// askTLS asks for a certificate, and for the ports that it brings.
func (w *wizard) askTLS(ctx context.Context, p *prompter) error {
	l := &w.cfg.LDAP
	present := 0
	switch {
	case l.TLS.SelfSigned:
		present = 1
	case l.TLS.Certificate != "":
		present = 2
	}
	n, err := p.pick(ctx, "\nMay phones ask encrypted? Then there is LDAPS on a port of its own, and StartTLS on the others.", []string{
		"no", "yes, with a certificate that ringdex makes: for phones that do not check it, or that you give it to",
		"yes, with a certificate of your own: PEM files",
	}, present)
	if err != nil {
		return err
	}
	switch n {
	case 0:
		l.TLS, l.LDAPS = TLSConfig{}, nil
		return nil
	case 1:
		l.TLS = TLSConfig{SelfSigned: true}
		p.say("ringdex serve makes it at its first start; ringdex check shows its fingerprint.")
	default:
		if err := w.askCertificate(ctx, p); err != nil {
			return err
		}
	}
	if l.LDAPS == nil {
		host := ""
		if len(l.Listen) > 0 {
			host, _, _ = net.SplitHostPort(l.Listen[0])
		}
		l.LDAPS = []string{net.JoinHostPort(host, "3636")}
	}
	return w.askAddresses(ctx, p, "Addresses for LDAPS (- for none)", &l.LDAPS)
}

// askCertificate asks for certificate and key until they belong together.
func (w *wizard) askCertificate(ctx context.Context, p *prompter) error {
	t := &w.cfg.LDAP.TLS
	t.SelfSigned = false
	for {
		certificate, err := p.ask(ctx, "Certificate with its chain, a PEM file", t.Certificate)
		if err != nil {
			return err
		}
		key, err := p.ask(ctx, "Its private key, a PEM file", orElse(t.Key, certificate))
		if err != nil {
			return err
		}
		pair, err := tls.LoadX509KeyPair(w.cfg.rel(certificate), w.cfg.rel(key))
		if err != nil {
			p.say("That did not work: %v", err)
			p.say("What to do: name two PEM files that belong together and that this user can read.")
			continue
		}
		t.Certificate, t.Key = certificate, key
		names := append([]string{}, pair.Leaf.DNSNames...)
		for _, ip := range pair.Leaf.IPAddresses {
			names = append(names, ip.String())
		}
		p.say("For %s, valid until %s. Phones must reach this machine by one of these names.",
			orElse(strings.Join(names, ", "), pair.Leaf.Subject.CommonName), pair.Leaf.NotAfter.Format("2006-01-02"))
		if time.Now().After(pair.Leaf.NotAfter) {
			p.say("It is no longer valid: phones will refuse it.")
		}
		return nil
	}
}

// askAnonymous asks who may read without a user.
func (w *wizard) askAnonymous(ctx context.Context, p *prompter) error {
	l := &w.cfg.LDAP
	kinds := []string{"nobody: each phone logs in with a user", "programs on this machine only", "phones on these networks …", "anybody who reaches the port"}
	present := 1
	switch {
	case l.Anonymous.Never:
		present = 0
	case l.Anonymous.Always:
		present = 3
	case len(l.Anonymous.Networks) > 0:
		present = 2
	}
	n, err := p.pick(ctx, "\nWho may look up without a user?", kinds, present)
	if err != nil {
		return err
	}
	if n != 2 {
		l.Anonymous = AnonymousConfig{Never: n == 0, Loopback: n == 1, Always: n == 3}
		return nil
	}
	now := l.Anonymous.words()
	if len(l.Anonymous.Networks) == 0 {
		now = append([]string{"loopback"}, ownNetworks()...)
	}
	for {
		text, err := p.ask(ctx, "Networks, separated by spaces; loopback is this machine", strings.Join(now, " "))
		if err != nil {
			return err
		}
		a, err := parseAnonymous(strings.Fields(strings.ReplaceAll(text, ",", " ")))
		if err == nil && len(a.Networks) == 0 {
			err = errors.New("that names no network; 192.0.2.0/24 is one")
		}
		if err != nil {
			p.say("%v", err)
			continue
		}
		l.Anonymous = a
		return nil
	}
}

// ownNetworks are the private networks that this machine is in.
func ownNetworks() []string {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil // then nothing is proposed
	}
	var out []string
	for _, a := range addresses {
		if n, err := netip.ParsePrefix(a.String()); err == nil && n.Addr().IsPrivate() && n.Bits() < n.Addr().BitLen() {
			out = append(out, n.Masked().String())
		}
	}
	return out
}

// askUsers asks for the users that phones log in with.
func (w *wizard) askUsers(ctx context.Context, p *prompter) error {
	l := &w.cfg.LDAP
	for {
		question := "Add a user for phones?"
		if len(l.Users) > 0 {
			question = fmt.Sprintf("There are %d users. Add another, or set a password anew?", len(l.Users))
		}
		more, err := p.yes(ctx, question, l.Anonymous.Never && len(l.Users) == 0)
		if err != nil {
			return err
		}
		if !more {
			if l.Anonymous.Never && len(l.Users) == 0 {
				p.say("Note: without a user nobody can look anything up.")
			}
			if len(l.Users) > 0 && !l.TLS.on() {
				p.say("Note: without a certificate the phones' passwords cross the network in the clear.")
			}
			return nil
		}
		if err := w.askUser(ctx, p); err != nil {
			return err
		}
	}
}

// askUser asks for one user. Only a hash of the password is kept.
func (w *wizard) askUser(ctx context.Context, p *prompter) error {
	name, err := p.ask(ctx, "User name", "phone")
	if err != nil || name == "" {
		return err
	}
	for {
		first, err := p.secret(ctx, "Password of "+name)
		if err != nil {
			return err
		}
		w.secrets.add(first)
		again, err := p.secret(ctx, "The same again")
		if err != nil {
			return err
		}
		if first != again || first == "" {
			p.say("The two differ, or are empty.")
			continue
		}
		hash, err := directory.HashPassword(first)
		if err != nil {
			return err
		}
		if w.cfg.LDAP.Users == nil {
			w.cfg.LDAP.Users = map[string]UserConfig{}
		}
		user := w.cfg.LDAP.Users[name]
		user.Hash = hash
		w.cfg.LDAP.Users[name] = user
		p.say("Only a hash of it is kept.")
		return nil
	}
}
