// tauscope: train recurrent networks, and measure their timescales, dynamics and degeneracy.

export { ablateUnits, type UnitsByTau, unitsByTau } from "./analysis/ablation.ts";
export {
  type AccumulatorOptions,
  AutocorrelationAccumulator,
  type AutocorrelationOptions,
  autocorrelation,
} from "./analysis/autocorrelation.ts";
export { type ConnectivityStatistics, connectivityStatistics } from "./analysis/connectivity.ts";
export { type CorrelationOptions, type Correlations, measureCorrelations } from "./analysis/correlations.ts";
export {
  type Dimensionality,
  type DimensionalityOptions,
  measureDimensionality,
  type VarianceOptions,
} from "./analysis/dimensionality.ts";
export type { DriveOptions, DriveProgress } from "./analysis/driven-activity.ts";
export {
  type DynamicsPiece,
  type DynamicsSimulationOptions,
  type Jacobian,
  type JacobianOptions,
  jacobian,
  simulateDynamics,
} from "./analysis/dynamics-simulation.ts";
export {
  type FixedPoint,
  type FixedPointOptions,
  type FixedPoints,
  findFixedPoints,
  type Stability,
} from "./analysis/fixed-points.ts";
export { type ForgetTimescales, forgetTimescales } from "./analysis/forget-timescales.ts";
export type { InitialState, InputStream } from "./analysis/initial-state.ts";
export {
  kaplanYorkeDimension,
  type LyapunovOptions,
  type LyapunovSpectrum,
  type LyapunovState,
  measureLyapunovSpectrum,
} from "./analysis/lyapunov.ts";
export {
  measureNetworkActivity,
  type NetworkActivity,
  type NetworkActivityOptions,
} from "./analysis/network-activity.ts";
export {
  type Measurement,
  meanOverNetworks,
  meansByNetwork,
  type NetworkMean,
} from "./analysis/network-means.ts";
export {
  type LagOptions,
  measureNetworkTimescales,
  type NetworkTimescales,
  type NetworkTimescalesOptions,
} from "./analysis/network-timescales.ts";
export { type PerturbationOptions, perturbTau, perturbWeights } from "./analysis/perturbation.ts";
export { measurePulseResponse, type PulseOptions, type PulseResponse } from "./analysis/pulse-response.ts";
export { relativeAccuracy, relativeToBaseline } from "./analysis/relative-accuracy.ts";
export { type SimulatedSteps, type SimulationOptions, simulateNetwork } from "./analysis/simulation.ts";
export {
  type Eigenvalues,
  eigenvalues,
  logDeterminant,
  type SingularDecomposition,
  singularDecomposition,
  singularValues,
  symmetricEigenvalues,
} from "./analysis/spectrum.ts";
export { type DriftOptions, measureDrift, type StateDrift } from "./analysis/state-drift.ts";
export { pairedTTest, type TTest, type TTestOptions, tTest } from "./analysis/t-test.ts";
export {
  estimateTimescaleBias,
  type TimescaleBias,
  type TimescaleBiasOptions,
} from "./analysis/timescale-bias.ts";
export {
  type DecayFit,
  fitTimescale,
  type TimescaleFit,
  type TimescaleFitOptions,
} from "./analysis/timescale-fit.ts";
export { type WeightStatistics, weightStatistics } from "./analysis/weight-statistics.ts";
export {
  type ActivationName,
  type CellName,
  type Network,
  type NetworkShape,
  type NetworkTensor,
  networkTensors,
  packParameters,
  parameterCount,
  type TensorName,
  tensorShapes,
} from "./cells/network.ts";
export { type NetworkDynamicsOptions, networkDynamics } from "./cells/network-dynamics.ts";
export {
  type FlowOptions,
  type GatedOptions,
  gatedDynamics,
  type RandomDynamicsOptions,
  type RandomGruOptions,
  type RandomLstmOptions,
  randomGru,
  randomLstm,
  type TanhOptions,
  tanhDynamics,
} from "./cells/random-dynamics.ts";
export { type TauStatistics, tauStatistics } from "./cells/tau.ts";
export type { BitsName, LabelSteps } from "./core/batch-kinds.ts";
export { setCore } from "./core/compile.ts";
export { coreHash, version } from "./core/core.ts";
export type { DigitSets, Digits } from "./core/digits.ts";
export type { Dynamics, DynamicsKind, DynamicsWeights, MethodName } from "./core/dynamics.ts";
export { NumericError, ShapeError, StateError } from "./core/errors.ts";
export type { GatingParameters } from "./core/gating-parameters.ts";
export type { GaussianMoments, Saturation } from "./core/gaussian-averages.ts";
export type { OptimizerName } from "./core/plan.ts";
export type { SpectrumEquation } from "./core/spectrum.ts";
export {
  advanceCurriculum,
  type CurriculumName,
  type CurriculumSettings,
  type CurriculumState,
  isSolved,
  type SolvedRule,
  startCurriculum,
} from "./curricula/curriculum.ts";
export type { Axis, Chart, ChartPoint, Series } from "./experiments/chart.ts";
export { type Claim, type ClaimResult, type ScaleName, type Trial, testClaim } from "./experiments/claim.ts";
export { claims, findClaims } from "./experiments/claims.ts";
export { useFastCore } from "./experiments/fast-core.ts";
export { type Fingerprint, type FingerprintOptions, fingerprint } from "./experiments/fingerprint.ts";
export {
  type Archive,
  Laboratory,
  type LaboratoryEvent,
  type LaboratoryOptions,
} from "./experiments/laboratory.ts";
export {
  type NetworkProfile,
  type ProfileOptions,
  profileCharts,
  profileNetwork,
} from "./experiments/network-profile.ts";
export { measureTrainedSpectrum, type TrainedSpectrumOptions } from "./experiments/trained-spectrum.ts";
export type { Check, Verdict } from "./experiments/verdict.ts";
export { WorkerPool, type WorkerPoolOptions } from "./experiments/worker-pool.ts";
export { decodeDigits, decodeIdx, type IdxArray } from "./io/idx.ts";
export { encodeNpz } from "./io/npz.ts";
export { decodeRnnTimescale } from "./io/rnn-timescale.ts";
export {
  type DecodeOptions,
  decodeSafetensors,
  encodeSafetensors,
  sealSafetensors,
  type Tensor,
  type TensorData,
  type TensorFile,
} from "./io/safetensors.ts";
export { drawChart } from "./report/chart.ts";
export { type ReproductionReport, reproductionReport } from "./report/reproduction-report.ts";
export { type ReportedRun, type TrainingReport, trainingReport } from "./report/training-report.ts";
export type { TaskName } from "./tasks/task.ts";
export {
  type DynamicMeanField,
  type DynamicMeanFieldOptions,
  solveDynamicMeanField,
} from "./theory/dynamic-mean-field.ts";
export {
  type GruGains,
  type GruSamples,
  gruSpectrum,
  type LstmGains,
  type LstmSamples,
  lstmSpectrum,
} from "./theory/gated-cell-spectra.ts";
export { averageGaussian, averagePairs, type GaussianPairs } from "./theory/gaussian-averages.ts";
export {
  findLargestExponent,
  type LargestExponent,
  type LargestExponentOptions,
} from "./theory/largest-exponent.ts";
export {
  computePhaseDiagram,
  findIntegratorRegion,
  type IntegratorOptions,
  type IntegratorRegion,
  type PhaseDiagram,
  type PhaseDiagramOptions,
  type PhaseName,
} from "./theory/phase-diagram.ts";
export { type PlainNetwork, type PlainNetworkOptions, solvePlainNetwork } from "./theory/plain-network.ts";
export {
  type GatedCellName,
  type Recommendation,
  type RecommendationOptions,
  recommendInitialisation,
} from "./theory/recommendation.ts";
export {
  findInside,
  type GatingSamples,
  gatingSpectrum,
  type InsideOptions,
  type SpectralBoundary,
  type SpectralBoundaryOptions,
  traceSpectralBoundary,
} from "./theory/spectral-boundary.ts";
export {
  type StaticMeanField,
  type StaticSolution,
  solveStaticMeanField,
} from "./theory/static-mean-field.ts";
export {
  findDynamicTransitions,
  findStaticTransitions,
  findTransitionThresholds,
  type Transition,
  type TransitionOptions,
  type TransitionThresholds,
} from "./theory/transitions.ts";
export {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  type Purpose,
  type TrainingState,
} from "./training/checkpoint.ts";
export { type Evaluation, type EvaluationOptions, evaluateNetwork } from "./training/evaluation.ts";
export type { EpochRecord } from "./training/metrics.ts";
export { type PresetName, presets, resolveSettings, type TrainingSettings } from "./training/settings.ts";
export {
  measureStreamAccuracy,
  type StreamAccuracy,
  type StreamAccuracyOptions,
} from "./training/stream-accuracy.ts";
export { type TrainNetworkOptions, trainNetwork } from "./training/train-network.ts";
export { type Progress, type ResumeOptions, Trainer, type TrainerOptions } from "./training/trainer.ts";
export type { JobOptions } from "./workers/job-options.ts";
