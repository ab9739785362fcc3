import { failure, type Outcome } from '../outcome.ts';
import type { Surroundings } from '../surroundings.ts';
import { type DoctorHostOptions, doctorHost } from './doctor-host.ts';
import { type DoctorReportOptions, doctorReport } from './doctor-report.ts';
import { type DoctorZoneOptions, doctorZone } from './doctor-zone.ts';

/** All options of `sallyport doctor`; which of them are there says what is looked at. */
export interface DoctorOptions
  extends Partial<DoctorReportOptions>,
    Partial<DoctorZoneOptions>,
    Partial<Omit<DoctorHostOptions, 'bundle'>> {}

/** `sallyport doctor`: a host, what reaches what around it, or a proof out of many such looks. */
export async function doctorCommand(
  options: DoctorOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { report, fromZone, bundle } = options;
  if (report !== undefined && fromZone !== undefined) {
    return failure('--report and --from-zone are two things', 'look first, then report');
  }
  if (report !== undefined) return await doctorReport({ ...options, report }, surroundings);
  if (fromZone !== undefined) return await doctorZone({ ...options, fromZone }, surroundings);
  if (bundle !== undefined) return await doctorHost({ ...options, bundle }, surroundings);
  return failure('there is nothing to look at', 'give --bundle, --from-zone or --report');
}
