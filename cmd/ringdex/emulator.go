package main

import (
	"crypto/tls"
	"fmt"

	"github.com/urfave/cli/v2"

	"ringdex/soap/emulator"
)

func (env *environment) emulatorCommand() *cli.Command {
	return &cli.Command{
		Name:  "emulator",
		Usage: "run a Salesforce org on loopback; prints its URL",
		Description: "The org speaks the Partner SOAP API. It is filled from a folder of JSON files (--data), or with\n" +
			"invented people (--accounts, --contacts, --seed). Faults are scripted with --fault, for example\n" +
			"  --fault 'query:3:http=503' --fault 'login:1:fault=INVALID_LOGIN'",
		Flags: []cli.Flag{
			configFlag(),
			&cli.StringFlag{Name: "listen", Value: "127.0.0.1:0", Usage: "loopback `ADDRESS`; port 0 picks one"},
			&cli.StringFlag{Name: "url", Usage: "where the org says that it is; default: where it listens"},
			&cli.StringFlag{Name: "certificate", Usage: "PEM `FILE`: the org speaks HTTPS"},
			&cli.StringFlag{Name: "key", Usage: "PEM `FILE` with the certificate's key"},
			&cli.StringFlag{Name: "data", Usage: "`FOLDER` with <Object>.json files"},
			&cli.IntFlag{Name: "accounts", Usage: "`N` invented accounts"},
			&cli.IntFlag{Name: "contacts", Usage: "`N` invented contacts"},
			&cli.IntFlag{Name: "numbers", Usage: fmt.Sprintf("`N` numbers for every invented contact, 1 to %d; default: as people have them, 1.7 on average", emulator.MaxNumbers)},
			&cli.Int64Flag{Name: "seed", Value: 1, Usage: "the same `SEED` gives the same org"},
			&cli.StringFlag{Name: "username", Value: "integration@example.com", Usage: "the one user's `NAME`"},
			&cli.StringFlag{Name: "password", Value: "emulator", Usage: "its password (of the emulator only, so no secret)"},
			&cli.StringFlag{Name: "token", Value: "TOKEN", Usage: "its security token"},
			&cli.StringSliceFlag{Name: "fault", Usage: "a fault `SPEC`; may be given more than once"},
			&cli.IntFlag{Name: "daily-limit", Usage: "API requests per day; 0 is the default of a Developer Edition"},
		},
		Action: func(c *cli.Context) error {
			o := emulator.Options{
				Listen: c.String("listen"), URL: c.String("url"), Username: c.String("username"), Password: c.String("password"), Token: c.String("token"),
				DataDir: c.String("data"), Faults: c.StringSlice("fault"), DailyLimit: c.Int("daily-limit"),
			}
			if c.Int("accounts") < 0 || c.Int("contacts") < 0 {
				return &usageError{what: "--accounts and --contacts are counts", try: "--accounts 100 --contacts 1000"}
			}
			if n := c.Int("numbers"); c.IsSet("numbers") && (n < 1 || n > emulator.MaxNumbers) {
				return &usageError{what: fmt.Sprintf("--numbers is 1 to %d", emulator.MaxNumbers), try: "--numbers 3"}
			}
			if c.Int("accounts") > 0 || c.Int("contacts") > 0 || o.DataDir == "" {
				o.Generate = &emulator.Generate{Accounts: c.Int("accounts"), Contacts: c.Int("contacts"), Seed: c.Int64("seed"), Numbers: c.Int("numbers")}
				if !c.IsSet("accounts") && !c.IsSet("contacts") {
					o.Generate.Accounts, o.Generate.Contacts = 100, 1000
				}
			}
			if c.IsSet("certificate") || c.IsSet("key") {
				pair, err := tls.LoadX509KeyPair(c.String("certificate"), c.String("key"))
				if err != nil {
					return fmt.Errorf("emulator: certificate and key: %w", err)
				}
				o.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
			}
			s, err := emulator.Start(o)
			if err != nil {
				return fmt.Errorf("emulator: %w", err)
			}
			fmt.Fprintln(env.Out, s.URL())
			<-c.Context.Done()
			return s.Close()
		},
	}
}
