package io.nsjob.internal.run;

/** Tells others of a job while it is there. Called by the thread that holds the conversation with the helper. */
interface Registration {
    /** For jobs without a name of their own: nobody could ask for them. */
    Registration NONE = new Registration() {
        @Override
        public void write(Report report, long supervisor) {
            // Nobody is told.
        }

        @Override
        public void remove() {
            // Nobody was told.
        }
    };

    /** Tells what is known by now, also of the supervisor. */
    void write(Report report, long supervisor);

    /** The job is over. May be called more than once. */
    void remove();
}
