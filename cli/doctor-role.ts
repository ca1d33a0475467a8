/** The kinds of process that the doctor knows the needs of. */
export const doctorRoles = ['standalone', 'worker', 'store', 'scheduler', 'dashboard'] as const;
export type DoctorRole = (typeof doctorRoles)[number];
