import type { Outcome } from '../outcome.ts';
import type { Surroundings } from '../surroundings.ts';
import { type DoctorHostOptions, doctorHost } from './doctor-host.ts';
import { type DoctorReportOptions, doctorReport } from './doctor-report.ts';
import { type DoctorZoneOptions, doctorZone } from './doctor-zone.ts';

/** Which of the options of `sallyport doctor` are there says what is looked at. */
export type DoctorOptions = DoctorReportOptions | DoctorZoneOptions | DoctorHostOptions;

/** `sallyport doctor`: a host, what reaches what around it, or a proof out of many such looks. */
export async function doctorCommand(
  options: DoctorOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  if ('report' in options) return await doctorReport(options, surroundings);
  if ('fromZone' in options) return await doctorZone(options, surroundings);
  return await doctorHost(options, surroundings);
}
