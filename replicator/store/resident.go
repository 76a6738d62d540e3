package store

// residentStep is how many entries are read between two calls of dropResident. Each first touch of a
// mapped page brings its neighbours along (64 KiB on Linux), so this bounds what a load keeps mapped to some 32 MiB.
const residentStep = 512

// residentPages is the same for pages that are staged.
const residentPages = 16
